using System.Numerics;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Printing;

/// <summary>Python's <c>text % values</c>.</summary>
internal static class PercentFormat
{
    public static TextValue Apply(TextValue format, Value values, Rendering rendering)
    {
        var isUndefined = values is UndefinedValue;
        if (isUndefined)
            values = new ListValue([values], isTuple: true);

        var items = values is ListValue { IsTuple: true } tuple ? tuple.Items : [values];
        var next = 0;
        var builder = new TextBuilder();
        var text = format.Text;
        for (var i = 0; i < text.Length;)
        {
            var percent = text.IndexOf('%', i);
            if (percent < 0)
                percent = text.Length;

            builder.Append(text.AsSpan(i, percent - i), TextMarks.Slice(format.Marks, i, percent - i));
            i = percent + 1;
            if (percent == text.Length)
                break;

            var key = ReadKey(text, ref i);
            var specification = ReadFlags(text, ref i);
            specification = specification with { Width = text.AsSpan(i).StartsWith("*") ? Star(ref i) : FormatSpecification.ReadNumber(text, ref i, 0) };
            if (i < text.Length && text[i] == '.')
            {
                i++;
                specification = specification with { Precision = text.AsSpan(i).StartsWith("*") ? Star(ref i) : FormatSpecification.ReadNumber(text, ref i, 0) };
            }

            while (i < text.Length && text[i] is 'h' or 'l' or 'L')
                i++;

            if (i >= text.Length)
                throw TemplateException.Runtime("incomplete format");

            var type = text[i++];
            if (type == '%')
            {
                builder.Append('%');
                continue;
            }

            builder.Append(Convert(type, specification, key is null ? Next() : Lookup(key), rendering));
        }

        if (next < items.Count && values is not DictionaryValue and not ListValue { IsTuple: false } && !isUndefined)
            throw TemplateException.Runtime("not all arguments converted during string formatting");

        var result = builder.ToText();
        return format.IsSafe ? new TextValue(result.Text, result.Marks, isSafe: true) : result;

        Value Next() => next < items.Count
            ? items[next++]
            : throw TemplateException.Runtime("not enough arguments for format string");

        int Star(ref int at)
        {
            at++;
            return Math.Max(0, Arithmetic.ToIndex(Next(), "*"));
        }

        Value Lookup(string key) => values is DictionaryValue dictionary
            ? dictionary.Get(key) ?? throw TemplateException.Runtime($"'{key}'")
            : throw TemplateException.Runtime("format requires a mapping");
    }

    private static string? ReadKey(string text, ref int at)
    {
        if (at >= text.Length || text[at] != '(')
            return null;

        var depth = 0;
        for (var i = at; i < text.Length; i++)
        {
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (depth > 0)
                continue;

            var key = text[(at + 1)..i];
            at = i + 1;
            return key;
        }

        throw TemplateException.Runtime("incomplete format key");
    }

    private static FormatSpecification ReadFlags(string text, ref int at)
    {
        var specification = new FormatSpecification();
        for (; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '-': specification = specification with { Align = '<' }; break;
                case '+': specification = specification with { Sign = '+' }; break;
                case ' ' when specification.Sign != '+': specification = specification with { Sign = ' ' }; break;
                case ' ': break;
                case '#': specification = specification with { IsAlternate = true }; break;
                case '0': specification = specification with { Fill = '0' }; break;
                default: return specification;
            }
        }

        return specification;
    }

    private static TextValue Convert(char type, FormatSpecification specification, Value value, Rendering rendering)
    {
        switch (type)
        {
            case 's' or 'r' or 'a':
                var text = type == 's' ? PythonText.ToText(value, rendering) : PythonText.ReprText(value, rendering);
                return (specification with { Fill = ' ', Align = specification.Align == 0 ? '>' : specification.Align }).Format(text, rendering);
            case 'c':
                var character = value is TextValue single && single.Length == 1
                    ? single
                    : new TextValue(char.ConvertFromUtf32(Arithmetic.ToIndex(value, "%c")));
                return (specification with { Fill = ' ', Align = specification.Align == 0 ? '>' : specification.Align, Precision = -1 }).Format(character, rendering);
            case 'd' or 'i' or 'u':
                return Numeric('d').FormatInteger(ToWhole(value, acceptsFloat: true), rendering);
            case 'x' or 'X' or 'o':
                return Numeric(type).FormatInteger(ToWhole(value, acceptsFloat: false), rendering);
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                return Numeric(type).FormatFloat(ToDouble(value), rendering);
            default:
                throw TemplateException.Runtime($"unsupported format character '{type}'");
        }

        FormatSpecification Numeric(char kind) => specification with
        {
            Type = kind,
            Align = specification.Align == '<' ? '<' : specification.Fill == '0' ? '=' : '>',
            Fill = specification.Align == '<' ? ' ' : specification.Fill,
        };
    }

    private static BigInteger ToWhole(Value value, bool acceptsFloat) => value switch
    {
        FloatValue real when acceptsFloat && double.IsFinite(real.Number) => new BigInteger(real.Number),
        IntegerValue or BooleanValue => Operations.RequireInteger(value, "%d"),
        UndefinedValue undefined => throw undefined.Used(),
        _ => throw TemplateException.Runtime($"a number is required, not {value.TypeName}"),
    };

    private static double ToDouble(Value value) => value switch
    {
        FloatValue real => real.Number,
        IntegerValue or BooleanValue => Arithmetic.ToDouble(Operations.RequireInteger(value, "%f")),
        _ => throw TemplateException.Runtime($"must be real number, not {value.TypeName}"),
    };
}
