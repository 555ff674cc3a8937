using static ModelRunner.ChatTemplates.Syntax.TokenKind;

namespace ModelRunner.ChatTemplates.Syntax;

/// <summary>Tokens to statements, with the grammar and the precedences of Jinja.</summary>
internal sealed partial class Parser
{
    private readonly List<Token> _tokens;
    private readonly int _depthLimit;
    private int _at;
    private int _depth;

    private Parser(List<Token> tokens, int depthLimit)
    {
        _tokens = tokens;
        _depthLimit = depthLimit;
    }

    private Token Current => _tokens[_at];

    /// <exception cref="TemplateException">The text is no template.</exception>
    public static List<Statement> Parse(string source, int depthLimit)
    {
        var parser = new Parser(Lexer.Read(source), depthLimit);
        return parser.ParseBody();
    }

    // Reads up to a block that begins with one of the names, which is left behind its name; at the top up to the end.
    private List<Statement> ParseBody(params ReadOnlySpan<string> ends)
    {
        Enter();
        var body = new List<Statement>();
        while (true)
        {
            var token = Next();
            switch (token.Kind)
            {
                case Data:
                    body.Add(new DataStatement(token.At, token.Text));
                    break;
                case VariableBegin:
                    body.Add(new OutputStatement(token.At, ParseTuple()));
                    Expect(VariableEnd, "}}");
                    break;
                case BlockBegin:
                    if (Current.Kind == Name && ends.Contains(Current.Text))
                    {
                        Leave();
                        return body;
                    }

                    body.Add(ParseStatement(ends));
                    Expect(BlockEnd, "%}");
                    break;
                default:
                    if (ends.Length > 0)
                        throw Error($"The template ends where '{string.Join("' or '", ends.ToArray())}' is expected");

                    Leave();
                    return body;
            }
        }
    }

    private Statement ParseStatement(ReadOnlySpan<string> ends)
    {
        var at = Current.At;
        var name = Expect(Name, "a tag name").Text;
        switch (name)
        {
            case "if":
                return ParseIf(at);
            case "for":
                return ParseFor(at);
            case "set":
                return ParseSet(at);
            case "with":
                return ParseWith(at);
            case "macro":
                var macro = Expect(Name, "a macro name").Text;
                RequireAssignable(macro);
                Require("(");
                return new MacroStatement(at, macro, ParseMacroBody("endmacro"));
            case "call":
                return ParseCallBlock(at);
            case "filter":
                return ParseFilterBlock(at);
            case "generation":
                return new CallBlockStatement(at, null, new MacroBody([], [], ParseBlock("endgeneration")));
            case "break":
                return new BreakStatement(at);
            case "continue":
                return new ContinueStatement(at);
            default:
                throw Error(
                    ends.Length > 0
                        ? $"The tag '{name}' is unknown here; '{string.Join("' or '", ends.ToArray())}' is expected"
                        : $"The tag '{name}' is unknown",
                    at);
        }
    }

    // The body up to its end tag, whose own end the caller of the statement expects.
    private List<Statement> ParseBlock(string end)
    {
        var body = ParseBlockUntil(end);
        Next();
        return body;
    }

    private List<Statement> ParseBlockUntil(params ReadOnlySpan<string> ends)
    {
        SkipOperator(":");
        Expect(BlockEnd, "%}");
        return ParseBody(ends);
    }

    private Expression ParseTarget(bool endsAtIn = false, bool canBeNamespace = false)
    {
        if (canBeNamespace && Current.Kind == Name && _tokens[_at + 1].IsOperator(".") && _tokens[_at + 2].Kind == Name)
        {
            var owner = Next();
            Next();
            var target = new NamespaceTarget(owner.At, owner.Text, Next().Text);
            if (!Current.IsOperator(","))
                return target;

            throw Error("An attribute of a namespace cannot be one of several targets");
        }

        var at = Current.At;
        var items = new List<Expression>();
        var isTuple = false;
        do
        {
            if (Current.Kind is BlockEnd || Current.IsOperator("=") || Current.IsOperator(")") || (endsAtIn && Current.IsName("in")))
                break;

            items.Add(ParseTargetItem());
        }
        while (Current.IsOperator(",") && (isTuple = SkipOperator(",")));

        if (items.Count == 0)
            throw Error("A name to assign to is expected", at);

        return isTuple ? new ListExpression(at, items, IsTuple: true) : items[0];
    }

    private Expression ParseTargetItem()
    {
        if (SkipOperator("("))
        {
            Enter();
            var inner = ParseTarget();
            Leave();
            Require(")");
            return inner;
        }

        var name = Expect(Name, "a name to assign to");
        RequireAssignable(name.Text);
        return new NameExpression(name.At, name.Text);
    }

    private void RequireAssignable(string name)
    {
        if (name is "true" or "false" or "none" or "True" or "False" or "None")
            throw Error($"can't assign to '{name}'");
    }

    private Token Next()
    {
        var token = Current;
        if (token.Kind != End)
            _at++;

        return token;
    }

    private Token Expect(TokenKind kind, string what) =>
        Current.Kind == kind ? Next() : throw Error($"{what} is expected, not {Describe(Current)}");

    private void ExpectName(string name)
    {
        if (!SkipName(name))
            throw Error($"'{name}' is expected, not {Describe(Current)}");
    }

    private void Require(string sign)
    {
        if (!SkipOperator(sign))
            throw Error($"'{sign}' is expected, not {Describe(Current)}");
    }

    private bool SkipName(string name)
    {
        if (!Current.IsName(name))
            return false;

        Next();
        return true;
    }

    private bool SkipOperator(string sign)
    {
        if (!Current.IsOperator(sign))
            return false;

        Next();
        return true;
    }

    private void Enter()
    {
        if (++_depth > _depthLimit)
            throw new TemplateException(TemplateFailure.Limit, $"The template nests more than {_depthLimit} deep", Current.At.Line, Current.At.Column);
    }

    private void Leave() => _depth--;

    private TemplateException Error(string message, Position? at = null)
    {
        var place = at ?? Current.At;
        return new TemplateException(TemplateFailure.Syntax, message, place.Line, place.Column);
    }

    private static string Describe(Token token) => token.Kind == End ? "the end of the template" : $"'{token.Text}'";
}
