using System.Globalization;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Printing;

/// <summary>Python's <c>str.format</c>.</summary>
internal static class BraceFormat
{
    public static TextValue Apply(TextValue format, Arguments arguments)
    {
        var next = 0;
        return Expand(format, arguments, ref next, depth: 0);
    }

    private static TextValue Expand(TextValue format, Arguments arguments, ref int next, int depth)
    {
        if (depth > 2)
            throw TemplateException.Runtime("Max string recursion exceeded");

        var text = format.Text;
        var builder = new TextBuilder();
        for (var i = 0; i < text.Length;)
        {
            var character = text[i];
            if (character is '{' or '}' && i + 1 < text.Length && text[i + 1] == character)
            {
                builder.Append(format.Cut(i, 1));
                i += 2;
            }
            else if (character == '}')
            {
                throw TemplateException.Runtime("Single '}' encountered in format string");
            }
            else if (character == '{')
            {
                var end = FieldEnd(text, i);
                builder.Append(Field(format.Cut(i + 1, end - i - 1), arguments, ref next, depth));
                i = end + 1;
            }
            else
            {
                var end = text.AsSpan(i).IndexOfAny('{', '}');
                end = end < 0 ? text.Length : i + end;
                arguments.Rendering.Charge(end - i);
                builder.Append(format.Cut(i, end - i));
                i = end;
            }
        }

        return builder.ToText();
    }

    private static int FieldEnd(string text, int start)
    {
        var depth = 0;
        for (var i = start; i < text.Length; i++)
        {
            depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
            if (depth == 0)
                return i;
        }

        throw TemplateException.Runtime("expected '}' before end of string");
    }

    private static TextValue Field(TextValue field, Arguments arguments, ref int next, int depth)
    {
        var rendering = arguments.Rendering;
        rendering.Step();
        var text = field.Text;
        var nameEnd = text.AsSpan().IndexOfAny('!', ':');
        var name = nameEnd < 0 ? text : text[..nameEnd];
        var value = Lookup(name, arguments, ref next);
        var rest = nameEnd < 0 ? "" : text[nameEnd..];
        if (rest.StartsWith('!'))
        {
            if (rest.Length < 2 || (rest.Length > 2 && rest[2] != ':'))
                throw TemplateException.Runtime("expected ':' after conversion specifier");

            value = rest[1] switch
            {
                's' => PythonText.ToText(value, rendering),
                'r' or 'a' => PythonText.ReprText(value, rendering),
                _ => throw TemplateException.Runtime($"Unknown conversion specifier '{rest[1]}'"),
            };
            rest = rest[2..];
        }

        var specification = rest.Length > 1 ? Expand(new TextValue(rest[1..]), arguments, ref next, depth + 1).Text : "";
        if (specification.Length == 0)
            return PythonText.ToText(value, rendering);

        var parsed = FormatSpecification.Parse(specification);
        return value switch
        {
            TextValue given when parsed.Type is '\0' or 's' && parsed.Align != '=' => parsed.Format(given, rendering),
            BooleanValue when parsed.Type == '\0' => parsed.Format(PythonText.ToText(value), rendering),
            IntegerValue or BooleanValue when parsed.Type is '\0' or 'd' or 'n' or 'x' or 'X' or 'o' or 'b' && parsed.Precision < 0 =>
                parsed.FormatInteger(Operations.RequireInteger(value, "format"), rendering),
            IntegerValue or BooleanValue when IsFloatType(parsed.Type) =>
                parsed.FormatFloat(Arithmetic.ToDouble(Operations.RequireInteger(value, "format")), rendering),
            FloatValue real when parsed.Type == '\0' || IsFloatType(parsed.Type) => parsed.FormatFloat(real.Number, rendering),
            UndefinedValue undefined => throw undefined.Used(),
            _ => throw TemplateException.Runtime($"Unknown format code for object of type '{value.TypeName}'"),
        };
    }

    private static bool IsFloatType(char type) => type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%';

    private static Value Lookup(string name, Arguments arguments, ref int next)
    {
        var end = name.AsSpan().IndexOfAny('.', '[');
        var first = end < 0 ? name : name[..end];
        Value value;
        if (first.Length == 0 || int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            // Fields are numbered by all or by none of them: -1 stands for numbers that were given.
            if (first.Length == 0 ? next < 0 : next > 0)
                throw TemplateException.Runtime("cannot switch between manual and automatic field numbering");

            var index = first.Length == 0 ? next++ : int.Parse(first, CultureInfo.InvariantCulture);
            next = first.Length == 0 ? next : -1;
            value = index < arguments.Positional.Length
                ? arguments.Positional[index]
                : throw TemplateException.Runtime($"Replacement index {index} out of range for positional args tuple");
        }
        else
        {
            var found = arguments.Named.FirstOrDefault(argument => argument.Key == first).Value;
            value = found ?? throw TemplateException.Runtime($"'{first}'");
        }

        for (var i = end; i >= 0 && i < name.Length;)
        {
            if (name[i] == '[')
            {
                var close = name.IndexOf(']', i);
                if (close < 0)
                    throw TemplateException.Runtime("Missing ']' in format string");

                var key = name[(i + 1)..close];
                value = Attributes.GetElement(
                    value,
                    int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Value.From(number) : new TextValue(key),
                    arguments.Rendering);
                i = close + 1;
            }
            else
            {
                var stop = name.AsSpan(i + 1).IndexOfAny('.', '[');
                var attribute = stop < 0 ? name[(i + 1)..] : name.Substring(i + 1, stop);
                value = Attributes.GetAttribute(value, new TextValue(attribute), arguments.Rendering);
                i += attribute.Length + 1;
            }

            if (value is UndefinedValue undefined)
                throw undefined.Used();
        }

        return value;
    }
}
