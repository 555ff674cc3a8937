using System.Globalization;
using System.Text;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

// Filters that write for another reader, or read what was written for one: tags, addresses, JSON.
internal static partial class TextFilters
{
    private static TextValue StripTags(TextValue text)
    {
        var source = text.Text;
        var builder = new StringBuilder();
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '<')
            {
                var isComment = string.CompareOrdinal(source, i, "<!--", 0, 4) == 0;
                var end = source.IndexOf(isComment ? "-->" : ">", i, StringComparison.Ordinal);
                if (end >= 0)
                {
                    i = isComment ? end + 2 : end;
                    continue;
                }
            }

            builder.Append(source[i]);
        }

        var words = builder.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return text.With(System.Net.WebUtility.HtmlDecode(string.Join(' ', words)));
    }

    private static TextValue UrlEncode(Value subject, Arguments arguments)
    {
        arguments.Expect(0);
        if (subject is TextValue or IntegerValue or FloatValue or BooleanValue or NoneValue or UndefinedValue)
        {
            var text = Text(subject, arguments);
            return text.With(Quote(text.Text, keepsSlash: true));
        }

        var pairs = Globals.Pairs(subject, arguments.Rendering)
            .Select(pair => $"{Quote(PythonText.ToText(pair.Key).Text, false)}={Quote(PythonText.ToText(pair.Value).Text, false)}");
        return new TextValue(string.Join('&', pairs), TextMarks.Input);

        static string Quote(string text, bool keepsSlash)
        {
            var builder = new StringBuilder();
            foreach (var octet in Encoding.UTF8.GetBytes(text))
            {
                if (char.IsAsciiLetterOrDigit((char)octet) || "_.-~".Contains((char)octet) || (keepsSlash && octet == '/'))
                    builder.Append((char)octet);
                else if (octet == ' ' && !keepsSlash)
                    builder.Append('+');
                else
                    builder.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }

            return builder.ToString();
        }
    }

    private static TextValue ToJson(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "ensure_ascii", "indent", "separators", "sort_keys");
        string? indent = null;
        switch (arguments.Get(1, "indent"))
        {
            case TextValue text:
                indent = text.Text;
                break;
            case IntegerValue or BooleanValue:
                var width = Math.Max(0, arguments.GetInteger(1, "indent", 0));
                arguments.Rendering.Charge(width);
                indent = new string(' ', width);
                break;
        }

        var (item, key) = (indent is null ? ", " : ",", ": ");
        if (arguments.Get(2, "separators") is { } separators and not NoneValue)
        {
            var pair = Operations.Iterate(separators, arguments.Rendering);
            if (pair is not [TextValue items, TextValue keys])
                throw TemplateException.Runtime("separators must be a pair of str");

            (item, key) = (items.Text, keys.Text);
        }

        return new JsonPrinter(
            arguments.Rendering,
            arguments.GetFlag(0, "ensure_ascii", false),
            indent,
            item,
            key,
            arguments.GetFlag(3, "sort_keys", false)).Print(subject);
    }
}
