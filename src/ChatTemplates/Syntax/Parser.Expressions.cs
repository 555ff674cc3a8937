using System.Globalization;
using System.Numerics;
using ModelRunner.ChatTemplates.Values;
using static ModelRunner.ChatTemplates.Syntax.TokenKind;

namespace ModelRunner.ChatTemplates.Syntax;

/// <content>Expressions: where they begin, and the values in them.</content>
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

    private void Chain(int length)
    {
        if (length > MaxChain)
            throw new TemplateException(TemplateFailure.Limit, $"An expression chains more than {MaxChain} operators", Current.At.Line, Current.At.Column);
    }
}
