using System.Globalization;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Printing;

/// <summary>Python's <c>str</c> and <c>repr</c>.</summary>
internal static class PythonText
{
    public static TextValue ToText(Value value, Rendering? rendering = null)
    {
        switch (value)
        {
            case TextValue text:
                return text;
            case UndefinedValue:
                return TextValue.Empty;
            case NoneValue or BooleanValue or IntegerValue or FloatValue:
                return new TextValue(Scalar(value));
            default:
                var builder = new TextBuilder();
                WriteRepr(builder, value, rendering, 0);
                return builder.ToText();
        }
    }

    public static string Repr(Value value)
    {
        var builder = new TextBuilder();
        WriteRepr(builder, value, null, 0);
        return builder.ToText().Text;
    }

    public static TextValue ReprText(Value value, Rendering rendering)
    {
        var builder = new TextBuilder();
        WriteRepr(builder, value, rendering, 0);
        return builder.ToText();
    }

    public static string Scalar(Value value) => value switch
    {
        NoneValue => "None",
        BooleanValue flag => flag.Flag ? "True" : "False",
        IntegerValue integer => IntegerText(integer),
        FloatValue real => real.Text ?? FloatText.Repr(real.Number),
        _ => "",
    };

    private static string IntegerText(IntegerValue integer)
    {
        // A bit is less than a third of a digit: long numbers are refused before they are printed.
        if (integer.Number.GetBitLength() > (Arithmetic.MaxDigits * 10 / 3) + 16)
            throw TooManyDigits();

        var text = integer.Number.ToString(CultureInfo.InvariantCulture);
        return text.Length > Arithmetic.MaxDigits + 1 ? throw TooManyDigits() : text;

        static TemplateException TooManyDigits() =>
            TemplateException.Runtime($"Exceeds the limit ({Arithmetic.MaxDigits} digits) for integer string conversion");
    }

    private static void WriteRepr(TextBuilder builder, Value value, Rendering? rendering, int depth)
    {
        if (depth > Operations.NestingLimit)
            throw TemplateException.Limit($"A value is nested more than {Operations.NestingLimit} deep.");

        rendering?.Step();
        switch (value)
        {
            case TextValue text:
                rendering?.Charge(text.Text.Length);
                if (text.IsSafe)
                    builder.Append("Markup(");

                WriteQuoted(builder, text);
                if (text.IsSafe)
                    builder.Append(")");

                break;
            case UndefinedValue:
                builder.Append("Undefined");
                break;
            case ListValue list:
                WriteItems(builder, list.Items, list.IsTuple ? "(" : "[", list.IsTuple ? list.Items.Count == 1 ? ",)" : ")" : "]", rendering, depth);
                break;
            case GroupValue group:
                WriteItems(builder, [group.Grouper, group.List], "(", ")", rendering, depth);
                break;
            case DictionaryValue dictionary:
                WriteEntries(builder, dictionary, rendering, depth);
                break;
            case ViewValue view:
                WriteItems(builder, [.. view.Items], $"{view.TypeName}([", "])", rendering, depth);
                break;
            case RangeValue range:
                builder.Append(range.Step == 1
                    ? string.Create(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop})")
                    : string.Create(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop}, {range.Step})"));
                break;
            case NamespaceValue space:
                builder.Append("<Namespace ");
                WriteEntries(builder, space.Attributes, rendering, depth);
                builder.Append(">");
                break;
            case NoneValue or BooleanValue or IntegerValue or FloatValue:
                builder.Append(Scalar(value));
                break;
            case FunctionValue function:
                builder.Append($"<function {function.Name}>");
                break;
            default:
                builder.Append($"<{value.TypeName}>");
                break;
        }
    }

    private static void WriteItems(TextBuilder builder, List<Value> items, string open, string close, Rendering? rendering, int depth)
    {
        builder.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                builder.Append(", ");

            WriteRepr(builder, items[i], rendering, depth + 1);
        }

        builder.Append(close);
    }

    private static void WriteEntries(TextBuilder builder, DictionaryValue dictionary, Rendering? rendering, int depth)
    {
        builder.Append("{");
        var isFirst = true;
        foreach (var (key, value) in dictionary.Entries)
        {
            if (!isFirst)
                builder.Append(", ");

            isFirst = false;
            WriteRepr(builder, key, rendering, depth + 1);
            builder.Append(": ");
            WriteRepr(builder, value, rendering, depth + 1);
        }

        builder.Append("}");
    }

    private static void WriteQuoted(TextBuilder builder, TextValue text)
    {
        var source = text.Text;
        var quote = source.Contains('\'') && !source.Contains('"') ? '"' : '\'';
        builder.Append(quote);
        var plain = 0;
        for (var i = 0; i < source.Length;)
        {
            var width = CodePoints.Width(source, i);
            if (Escape(source, i, width, quote) is { } escape)
            {
                Copy(plain, i);
                builder.Append(escape, TextMarks.Slice(text.Marks, i, 1));
                plain = i + width;
            }

            i += width;
        }

        Copy(plain, source.Length);
        builder.Append(quote);

        void Copy(int start, int end) =>
            builder.Append(source.AsSpan(start, end - start), TextMarks.Slice(text.Marks, start, end - start));
    }

    private static string? Escape(string source, int at, int width, char quote)
    {
        var character = source[at];
        switch (character)
        {
            case '\\': return "\\\\";
            case '\n': return "\\n";
            case '\r': return "\\r";
            case '\t': return "\\t";
            case >= ' ' and < '\x7f': return character == quote ? $"\\{quote}" : null;
        }

        if (IsPrintable(source, at))
            return null;

        if (width == 2)
            return $"\\U{char.ConvertToUtf32(source, at):x8}";

        return character < 0x100 ? $"\\x{(int)character:x2}" : $"\\u{(int)character:x4}";
    }

    /// <summary>Python's <c>str.isprintable</c> of one character.</summary>
    public static bool IsPrintable(string source, int at) =>
        source[at] == ' ' || CharUnicodeInfo.GetUnicodeCategory(source, at) is not (
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.SpaceSeparator);
}
