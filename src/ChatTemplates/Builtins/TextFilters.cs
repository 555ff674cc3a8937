using System.Globalization;
using System.Text;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>Filters that give a text.</summary>
internal static class TextFilters
{
    public static readonly IReadOnlyDictionary<string, Filter> Table = new Dictionary<string, Filter>
    {
        ["upper"] = static (subject, arguments) => Map(subject, arguments, TextCase.Upper),
        ["lower"] = static (subject, arguments) => Map(subject, arguments, TextCase.Lower),
        ["capitalize"] = static (subject, arguments) => Map(subject, arguments, TextCase.Capitalize),
        ["title"] = static (subject, arguments) => Map(subject, arguments, Title),
        ["string"] = static (subject, arguments) => Text(subject, arguments.Expect(0)),
        ["safe"] = static (subject, arguments) =>
        {
            var text = Text(subject, arguments.Expect(0));
            return new TextValue(text.Text, text.Marks, isSafe: true);
        },
        ["e"] = Escape,
        ["escape"] = Escape,
        ["forceescape"] = static (subject, arguments) =>
        {
            var text = Text(subject, arguments.Expect(0));
            return MarkupText.Escape(new TextValue(text.Text, text.Marks));
        },
        ["trim"] = static (subject, arguments) =>
        {
            arguments.Expect(0, "chars");
            var characters = arguments.Get(0, "chars") is null or NoneValue ? null : arguments.GetText(0, "chars")!.Text;
            return TextMethods.Strip(Text(subject, arguments), characters, atStart: true, atEnd: true);
        },
        ["replace"] = static (subject, arguments) =>
        {
            arguments.Expect(2, "old", "new", "count");
            var (old, replacement) = (arguments.Get(0, "old")!, arguments.Get(1, "new")!);
            return TextMethods.Replace(
                Text(subject, arguments),
                PythonText.ToText(old),
                PythonText.ToText(replacement),
                arguments.GetInteger(2, "count", -1),
                arguments.Rendering);
        },
        ["center"] = static (subject, arguments) =>
            TextMethods.Pad(Text(subject, arguments), arguments.Expect(0, "width").GetInteger(0, "width", 80), new TextValue(" "), '^', arguments.Rendering),
        ["indent"] = Indent,
        ["truncate"] = Truncate,
        ["wordcount"] = static (subject, arguments) => Value.From(CountWords(Text(subject, arguments.Expect(0)).Text)),
        ["wordwrap"] = static (subject, arguments) => WordWrap.Apply(Text(subject, arguments), arguments),
        ["striptags"] = static (subject, arguments) => StripTags(Text(subject, arguments.Expect(0))),
        ["format"] = static (subject, arguments) => PercentFormat.Apply(Text(subject, arguments), FormatValues(arguments), arguments.Rendering),
        ["urlencode"] = UrlEncode,
        ["tojson"] = ToJson,
    };

    private static TextValue Text(Value subject, Arguments arguments)
    {
        var text = PythonText.ToText(subject, arguments.Rendering);
        arguments.Rendering.Charge(text.Text.Length);
        return text;
    }

    private static TextValue Map(Value subject, Arguments arguments, Func<string, string> map)
    {
        var text = Text(subject, arguments.Expect(0));
        return text.With(map(text.Text));
    }

    private static TextValue Escape(Value subject, Arguments arguments)
    {
        var text = Text(subject, arguments.Expect(0));
        return text.IsSafe ? text : MarkupText.Escape(text);
    }

    // Unlike str.title, words begin after blanks, hyphens and opening brackets.
    private static string Title(string text)
    {
        var builder = new StringBuilder(text.Length);
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && !IsBreak(text[i]))
                continue;

            if (i > start)
            {
                var width = CodePoints.Width(text, start);
                builder.Append(TextCase.Upper(text.Substring(start, width))).Append(TextCase.Lower(text[(start + width)..i]));
            }

            if (i < text.Length)
                builder.Append(text[i]);

            start = i + 1;
        }

        return builder.ToString();

        static bool IsBreak(char character) => character is '-' or '(' or '{' or '[' or '<' || Lexer.IsSpace(character);
    }

    private static TextValue Indent(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "width", "first", "blank");
        if (subject is UndefinedValue undefined)
            throw undefined.Used();

        if (subject is not TextValue)
            throw TemplateException.Runtime($"'{subject.TypeName}' object has no attribute 'splitlines'");

        var text = Text(subject, arguments);
        var width = arguments.Get(0, "width");
        TextValue indent;
        if (width is TextValue given)
        {
            indent = given;
        }
        else
        {
            var blanks = Math.Max(0, arguments.GetInteger(0, "width", 4));
            arguments.Rendering.Charge(blanks);
            indent = new TextValue(new string(' ', blanks));
        }

        var first = arguments.GetFlag(1, "first", false);
        var blank = arguments.GetFlag(2, "blank", false);
        var builder = new TextBuilder();
        if (first)
            builder.Append(indent);

        // The reference adds a newline first, so that a last one is an empty line.
        var newLine = new TextValue("\n");
        var lines = TextSplitting.SplitLines(Arithmetic.Concatenate(text, newLine, arguments.Rendering), Arguments.None(arguments.Rendering)).Items;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = (TextValue)lines[i];
            if (i > 0)
            {
                builder.Append(newLine);
                if (blank || line.Text.Length > 0)
                {
                    arguments.Rendering.Charge(indent.Text.Length);
                    builder.Append(indent);
                }
            }

            builder.Append(line);
        }

        return builder.ToText();
    }

    private static Value Truncate(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "length", "killwords", "end", "leeway");
        var rendering = arguments.Rendering;
        var length = arguments.GetInteger(0, "length", 255);
        var end = arguments.GetText(2, "end") ?? new TextValue("...");
        var leeway = arguments.GetInteger(3, "leeway", 5);
        if (length < end.Length || leeway < 0)
            throw TemplateException.Runtime($"expected length >= {end.Length}, got {length}");

        if (Operations.RequireLength(subject) <= length + leeway)
            return subject;

        var text = subject as TextValue ?? throw TemplateException.Runtime($"'{subject.TypeName}' object cannot be truncated");

        var cut = (TextValue)Attributes.Slice(text, null, Value.From(length - end.Length), null, rendering);
        if (!arguments.GetFlag(1, "killwords", false))
        {
            var space = cut.Text.LastIndexOf(' ');
            if (space >= 0)
                cut = cut.Cut(0, space);
        }

        return Arithmetic.Concatenate(cut, end, rendering);
    }

    private static long CountWords(string text)
    {
        var count = 0L;
        var isInWord = false;
        foreach (var character in text)
        {
            var isWord = char.IsLetterOrDigit(character) || character == '_' || char.IsSurrogate(character);
            count += isWord && !isInWord ? 1 : 0;
            isInWord = isWord;
        }

        return count;
    }

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

    private static Value FormatValues(Arguments arguments)
    {
        if (arguments.Positional.Length > 0 && arguments.Named.Length > 0)
            throw TemplateException.Runtime("can't handle positional and keyword arguments at the same time");

        if (arguments.Named.Length == 0)
            return new ListValue([.. arguments.Positional], isTuple: true);

        var named = new DictionaryValue();
        foreach (var (name, value) in arguments.Named)
            named.Set(name, value);

        return named;
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
