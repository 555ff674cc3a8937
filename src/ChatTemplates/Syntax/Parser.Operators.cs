using static ModelRunner.ChatTemplates.Syntax.TokenKind;

namespace ModelRunner.ChatTemplates.Syntax;

// Operators, the loosest first.
internal sealed partial class Parser
{
    private Expression ParseConditional()
    {
        var at = Current.At;
        var expression = ParseOr();
        for (var i = 0; SkipName("if"); i++)
        {
            Chain(i);
            var test = ParseOr();
            Expression? otherwise = null;
            if (SkipName("else"))
            {
                Enter();
                otherwise = ParseConditional();
                Leave();
            }

            expression = new ConditionalExpression(at, test, expression, otherwise);
        }

        return expression;
    }

    private Expression ParseOr()
    {
        var left = ParseAnd();
        for (var i = 0; Current.IsName("or"); i++)
        {
            Chain(i);
            var at = Next().At;
            left = new BinaryExpression(at, "or", left, ParseAnd());
        }

        return left;
    }

    private Expression ParseAnd()
    {
        var left = ParseNot();
        for (var i = 0; Current.IsName("and"); i++)
        {
            Chain(i);
            var at = Next().At;
            left = new BinaryExpression(at, "and", left, ParseNot());
        }

        return left;
    }

    private Expression ParseNot()
    {
        if (!Current.IsName("not"))
            return ParseCompare();

        Enter();
        var at = Next().At;
        var operand = ParseNot();
        Leave();
        return new UnaryExpression(at, "not", operand);
    }

    private Expression ParseCompare()
    {
        var first = ParseSum();
        var rest = new List<(string, Expression)>();
        var at = Current.At;
        while (true)
        {
            if (Current.Kind == Operator && Current.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
                rest.Add((Next().Text, ParseSum()));
            else if (SkipName("in"))
                rest.Add(("in", ParseSum()));
            else if (Current.IsName("not") && _tokens[_at + 1].IsName("in"))
            {
                Next();
                Next();
                rest.Add(("not in", ParseSum()));
            }
            else
                return rest.Count == 0 ? first : new CompareExpression(at, first, rest);
        }
    }

    private Expression ParseSum()
    {
        var left = ParseConcatenation();
        for (var i = 0; Current.Kind == Operator && Current.Text is "+" or "-"; i++)
        {
            Chain(i);
            var sign = Next();
            left = new BinaryExpression(sign.At, sign.Text, left, ParseConcatenation());
        }

        return left;
    }

    private Expression ParseConcatenation()
    {
        var first = ParseProduct();
        if (!Current.IsOperator("~"))
            return first;

        var at = Current.At;
        var parts = new List<Expression> { first };
        while (SkipOperator("~"))
            parts.Add(ParseProduct());

        return new ConcatenateExpression(at, parts);
    }

    private Expression ParseProduct()
    {
        var left = ParsePower();
        for (var i = 0; Current.Kind == Operator && Current.Text is "*" or "/" or "//" or "%"; i++)
        {
            Chain(i);
            var sign = Next();
            left = new BinaryExpression(sign.At, sign.Text, left, ParsePower());
        }

        return left;
    }

    private Expression ParsePower()
    {
        var left = ParseUnary();
        for (var i = 0; Current.IsOperator("**"); i++)
        {
            Chain(i);
            var at = Next().At;
            left = new BinaryExpression(at, "**", left, ParseUnary());
        }

        return left;
    }

    private Expression ParseUnary(bool canFilter = true)
    {
        Expression expression;
        if (Current.Kind == Operator && Current.Text is "-" or "+")
        {
            Enter();
            var sign = Next();
            expression = new UnaryExpression(sign.At, sign.Text, ParseUnary(canFilter: false));
            Leave();
        }
        else
        {
            expression = ParsePrimary();
        }

        expression = ParsePostfix(expression);
        return canFilter ? ParseFilters(expression)! : expression;
    }
}
