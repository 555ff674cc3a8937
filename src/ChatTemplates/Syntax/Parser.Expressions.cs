using System.Globalization;
using System.Numerics;
using ModelRunner.ChatTemplates.Values;
using static ModelRunner.ChatTemplates.Syntax.TokenKind;

namespace ModelRunner.ChatTemplates.Syntax;

/// <content>Expressions, from the loosest binding to the tightest.</content>
internal sealed partial class Parser
{
    // A chain of one operator nests to the left without recursion here, and is evaluated with it.
    private const int MaxChain = 256;

    private Expression ParseExpression(bool canBeConditional = true)
    {
        Enter();
        var expression = canBeConditional ? ParseConditional() : ParseOr();
        Leave();
        return expression;
    }

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

    private Expression ParsePrimary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case Name:
                Next();
                return token.Text switch
                {
                    "true" or "True" => new ConstantExpression(token.At, BooleanValue.True),
                    "false" or "False" => new ConstantExpression(token.At, BooleanValue.False),
                    "none" or "None" => new ConstantExpression(token.At, NoneValue.Instance),
                    _ => new NameExpression(token.At, token.Text),
                };
            case Text:
                Next();
                if (Current.Kind != Text)
                    return new ConstantExpression(token.At, new TextValue(token.Text));

                var parts = new List<string> { token.Text };
                while (Current.Kind == Text)
                    parts.Add(Next().Text);

                return new ConstantExpression(token.At, new TextValue(string.Concat(parts)));
            case Integer:
                Next();
                return new ConstantExpression(token.At, ParseInteger(token));
            case Float:
                Next();
                return new ConstantExpression(
                    token.At,
                    new FloatValue(double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture)));
            case Operator when token.Text == "(":
                Next();
                var inner = ParseTuple(isParenthesized: true);
                Require(")");
                return inner;
            case Operator when token.Text == "[":
                Next();
                return new ListExpression(token.At, ParseItems("]"), IsTuple: false);
            case Operator when token.Text == "{":
                return ParseDictionary();
            default:
                throw Error($"unexpected {Describe(token)}");
        }
    }

    private IntegerValue ParseInteger(Token token)
    {
        var text = token.Text;
        if (text.Length > Arithmetic.MaxDigits)
            throw Error($"A number has more than {Arithmetic.MaxDigits} digits", token.At);

        if (text.Length < 3 || char.IsAsciiDigit(text[1]))
            return IntegerValue.Of(BigInteger.Parse(text, CultureInfo.InvariantCulture));

        var radix = char.ToLowerInvariant(text[1]) switch { 'x' => 16, 'o' => 8, _ => 2 };
        var number = BigInteger.Zero;
        foreach (var digit in text.AsSpan(2))
            number = (number * radix) + Convert.ToInt32(digit.ToString(), 16);

        return IntegerValue.Of(number);
    }

    // One expression, or a tuple where commas follow.
    private Expression ParseTuple(bool canBeConditional = true, bool endsAtRecursive = false, bool isParenthesized = false)
    {
        var at = Current.At;
        var items = new List<Expression>();
        var isTuple = false;
        while (!IsTupleEnd())
        {
            items.Add(ParseExpression(canBeConditional));
            if (!Current.IsOperator(","))
                break;

            isTuple = true;
            Next();
        }

        if (!isTuple && items.Count == 1)
            return items[0];

        if (items.Count == 0 && !isParenthesized)
            throw Error($"An expression is expected, not {Describe(Current)}");

        return new ListExpression(at, items, IsTuple: true);

        bool IsTupleEnd() =>
            Current.Kind is VariableEnd or BlockEnd || Current.IsOperator(")") || (endsAtRecursive && Current.IsName("recursive"));
    }

    private List<Expression> ParseItems(string end)
    {
        var items = new List<Expression>();
        while (!SkipOperator(end))
        {
            if (items.Count > 0)
            {
                Require(",");
                if (SkipOperator(end))
                    break;
            }

            items.Add(ParseExpression());
        }

        return items;
    }

    private DictionaryExpression ParseDictionary()
    {
        var at = Next().At;
        var entries = new List<(Expression, Expression)>();
        while (!SkipOperator("}"))
        {
            if (entries.Count > 0)
            {
                Require(",");
                if (SkipOperator("}"))
                    break;
            }

            var key = ParseExpression();
            Require(":");
            entries.Add((key, ParseExpression()));
        }

        return new DictionaryExpression(at, entries);
    }

    private Expression ParsePostfix(Expression expression)
    {
        for (var i = 0; ; i++)
        {
            Chain(i);
            if (Current.IsOperator(".") || Current.IsOperator("["))
                expression = ParseSubscript(expression);
            else if (Current.IsOperator("("))
                expression = ParseCall(expression);
            else
                return expression;
        }
    }

    private Expression? ParseFilters(Expression? expression, bool startsInline = false)
    {
        for (var i = 0; ; i++)
        {
            Chain(i);
            if (startsInline || Current.IsOperator("|"))
            {
                if (!startsInline)
                    Next();

                startsInline = false;
                var at = Current.At;
                var name = ParseDottedName("a filter name");
                var arguments = Current.IsOperator("(") ? ParseArguments() : CallArguments.None;
                expression = new FilterExpression(at, expression, name, arguments);
            }
            else if (expression is not null && Current.IsName("is"))
                expression = ParseTest(expression);
            else if (expression is not null && Current.IsOperator("("))
                expression = ParseCall(expression);
            else
                return expression;
        }
    }

    private Expression ParseTest(Expression subject)
    {
        var at = Next().At;
        var isNegated = SkipName("not");
        var name = ParseDottedName("a test name");
        var arguments = CallArguments.None;
        if (Current.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (Current.Kind is Name or Text or Integer or Float || Current.IsOperator("[") || Current.IsOperator("{"))
        {
            if (Current.IsName("is"))
                throw Error("Tests cannot be chained with 'is'");

            if (!(Current.IsName("else") || Current.IsName("or") || Current.IsName("and")))
            {
                Enter();
                arguments = new CallArguments([ParsePostfix(ParsePrimary())], [], null, null);
                Leave();
            }
        }

        var test = new TestExpression(at, subject, name, arguments);
        return isNegated ? new UnaryExpression(at, "not", test) : test;
    }

    private string ParseDottedName(string what)
    {
        var name = Expect(Name, what).Text;
        while (SkipOperator("."))
            name += "." + Expect(Name, what).Text;

        return name;
    }

    private Expression ParseSubscript(Expression owner)
    {
        var sign = Next();
        if (sign.Text == ".")
        {
            var key = Next();
            return key.Kind switch
            {
                Name => new AttributeExpression(key.At, owner, key.Text),
                Integer => new ElementExpression(key.At, owner, new ConstantExpression(key.At, ParseInteger(key))),
                _ => throw Error("A name or a number is expected after '.'", key.At),
            };
        }

        var keys = new List<Expression>();
        while (!SkipOperator("]"))
        {
            if (keys.Count > 0)
                Require(",");

            if (ParseKey(owner, sign.At, out var slice) is { } key)
                keys.Add(key);
            else if (keys.Count == 0 && SkipOperator("]"))
                return slice!;
            else
                throw Error("A slice cannot be one of several keys");
        }

        return keys.Count switch
        {
            0 => throw Error("A key is expected", sign.At),
            1 => new ElementExpression(sign.At, owner, keys[0]),
            _ => new ElementExpression(sign.At, owner, new ListExpression(sign.At, keys, IsTuple: true)),
        };
    }

    private Expression? ParseKey(Expression owner, Position at, out SliceExpression? slice)
    {
        slice = null;
        Expression? start = null;
        if (!Current.IsOperator(":"))
        {
            start = ParseExpression();
            if (!Current.IsOperator(":"))
                return start;
        }

        Next();
        var stop = IsKeyEnd() || Current.IsOperator(":") ? null : ParseExpression();
        var step = SkipOperator(":") && !IsKeyEnd() ? ParseExpression() : null;
        slice = new SliceExpression(at, owner, start, stop, step);
        return null;

        bool IsKeyEnd() => Current.IsOperator("]") || Current.IsOperator(",");
    }

    private CallExpression ParseCall(Expression target)
    {
        var at = Current.At;
        return new CallExpression(at, target, ParseArguments());
    }

    private CallArguments ParseArguments()
    {
        var at = Next().At;
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? morePositional = null;
        Expression? moreNamed = null;
        var isFirst = true;
        while (!SkipOperator(")"))
        {
            if (!isFirst)
            {
                Require(",");
                if (SkipOperator(")"))
                    break;
            }

            isFirst = false;
            if (SkipOperator("**"))
            {
                if (moreNamed is not null)
                    throw Error("invalid syntax for function call expression", at);

                moreNamed = ParseExpression();
            }
            else if (SkipOperator("*"))
            {
                if (morePositional is not null || moreNamed is not null)
                    throw Error("invalid syntax for function call expression", at);

                morePositional = ParseExpression();
            }
            else if (Current.Kind == Name && _tokens[_at + 1].IsOperator("="))
            {
                if (moreNamed is not null)
                    throw Error("invalid syntax for function call expression", at);

                var name = Next().Text;
                Next();
                named.Add((name, ParseExpression()));
            }
            else
            {
                if (morePositional is not null || moreNamed is not null || named.Count > 0)
                    throw Error("invalid syntax for function call expression", at);

                positional.Add(ParseExpression());
            }
        }

        return positional.Count + named.Count == 0 && morePositional is null && moreNamed is null
            ? CallArguments.None
            : new CallArguments(positional, named, morePositional, moreNamed);
    }

    private void Chain(int length)
    {
        if (length > MaxChain)
            throw new TemplateException(TemplateFailure.Limit, $"An expression chains more than {MaxChain} operators", Current.At.Line, Current.At.Column);
    }
}
