using static ModelRunner.ChatTemplates.Syntax.TokenKind;

namespace ModelRunner.ChatTemplates.Syntax;

// What stands behind a value: subscripts, calls, filters and tests.
internal sealed partial class Parser
{
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
}
