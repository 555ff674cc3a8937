using System.Text;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>Filters that give a text.</summary>
internal static partial class TextFilters
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
}
