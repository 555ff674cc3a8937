using static ModelRunner.ChatTemplates.Syntax.TokenKind;

namespace ModelRunner.ChatTemplates.Syntax;

// One method for each statement.
internal sealed partial class Parser
{
    private IfStatement ParseIf(Position at)
    {
        var test = ParseTuple(canBeConditional: false);
        var body = ParseBlockUntil("elif", "else", "endif");
        var elseIfs = new List<IfStatement>();
        IReadOnlyList<Statement> otherwise = [];
        while (true)
        {
            var tag = Next();
            if (tag.Text == "elif")
            {
                var elseTest = ParseTuple(canBeConditional: false);
                elseIfs.Add(new IfStatement(tag.At, elseTest, ParseBlockUntil("elif", "else", "endif"), [], []));
                continue;
            }

            if (tag.Text == "else")
                otherwise = ParseBlock("endif");

            return new IfStatement(at, test, body, elseIfs, otherwise);
        }
    }

    private ForStatement ParseFor(Position at)
    {
        var target = ParseTarget(endsAtIn: true);
        ExpectName("in");
        var source = ParseTuple(canBeConditional: false, endsAtRecursive: true);
        var test = SkipName("if") ? ParseExpression() : null;
        var isRecursive = SkipName("recursive");
        var body = ParseBlockUntil("endfor", "else");
        IReadOnlyList<Statement> otherwise = Next().Text == "else" ? ParseBlock("endfor") : [];
        return new ForStatement(at, target, source, test, isRecursive, body, otherwise);
    }

    private Statement ParseSet(Position at)
    {
        var target = ParseTarget(canBeNamespace: true);
        if (SkipOperator("="))
            return new SetStatement(at, target, ParseTuple());

        var filter = ParseFilters(null);
        return new SetBlockStatement(at, target, filter as FilterExpression, ParseBlock("endset"));
    }

    private WithStatement ParseWith(Position at)
    {
        var variables = new List<(Expression, Expression)>();
        while (Current.Kind != BlockEnd)
        {
            if (variables.Count > 0)
                Require(",");

            var target = ParseTarget();
            Require("=");
            variables.Add((target, ParseExpression()));
        }

        return new WithStatement(at, variables, ParseBlock("endwith"));
    }

    private MacroBody ParseMacroBody(string end)
    {
        var (parameters, defaults) = ParseMacroHead();
        return new MacroBody(parameters, defaults, ParseBlock(end));
    }

    private CallBlockStatement ParseCallBlock(Position at)
    {
        var hasParameters = SkipOperator("(");
        var macro = hasParameters ? ParseMacroHead() : (Parameters: [], Defaults: []);
        if (ParseExpression() is not CallExpression call)
            throw Error("A call block needs a call", at);

        return new CallBlockStatement(at, call, new MacroBody(macro.Parameters, macro.Defaults, ParseBlock("endcall")));
    }

    private (List<string> Parameters, List<Expression> Defaults) ParseMacroHead()
    {
        var parameters = new List<string>();
        var defaults = new List<Expression>();
        while (!SkipOperator(")"))
        {
            if (parameters.Count > 0)
                Require(",");

            var name = Expect(Name, "a parameter name").Text;
            RequireAssignable(name);
            parameters.Add(name);
            if (SkipOperator("="))
                defaults.Add(ParseExpression());
            else if (defaults.Count > 0)
                throw Error("A parameter without a default follows one with a default");
        }

        return (parameters, defaults);
    }

    private FilterBlockStatement ParseFilterBlock(Position at)
    {
        var filter = ParseFilters(null, startsInline: true) as FilterExpression;
        return new FilterBlockStatement(at, filter!, ParseBlock("endfilter"));
    }
}
