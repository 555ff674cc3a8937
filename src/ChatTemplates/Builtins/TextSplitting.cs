using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>Python's ways to split a text.</summary>
internal static class TextSplitting
{
    public static ListValue Split(TextValue text, Arguments arguments)
    {
        var (separator, limit) = Read(arguments);
        var source = text.Text;
        var parts = new List<Value>();
        var from = 0;
        if (separator is null)
        {
            while (true)
            {
                while (from < source.Length && Lexer.IsSpace(source[from]))
                    from++;

                if (from == source.Length)
                    break;

                if (parts.Count == limit)
                {
                    parts.Add(text.Cut(from, source.Length - from));
                    break;
                }

                var end = from;
                while (end < source.Length && !Lexer.IsSpace(source[end]))
                    end++;

                Add(text, from, end, parts, arguments);
                from = end;
            }

            return new ListValue(parts, isTuple: false);
        }

        for (int at; parts.Count < limit && (at = source.IndexOf(separator, from, StringComparison.Ordinal)) >= 0; from = at + separator.Length)
            Add(text, from, at, parts, arguments);

        parts.Add(text.Cut(from, source.Length - from));
        return new ListValue(parts, isTuple: false);
    }

    public static ListValue SplitFromEnd(TextValue text, Arguments arguments)
    {
        var (separator, limit) = Read(arguments);
        var source = text.Text;
        var parts = new List<Value>();
        var to = source.Length;
        if (separator is null)
        {
            while (true)
            {
                while (to > 0 && Lexer.IsSpace(source[to - 1]))
                    to--;

                if (to == 0)
                    break;

                if (parts.Count == limit)
                {
                    parts.Add(text.Cut(0, to));
                    break;
                }

                var start = to;
                while (start > 0 && !Lexer.IsSpace(source[start - 1]))
                    start--;

                Add(text, start, to, parts, arguments);
                to = start;
            }
        }
        else
        {
            for (int at; parts.Count < limit && (at = source.AsSpan(0, to).LastIndexOf(separator, StringComparison.Ordinal)) >= 0; to = at)
                Add(text, at + separator.Length, to, parts, arguments);

            parts.Add(text.Cut(0, to));
        }

        parts.Reverse();
        return new ListValue(parts, isTuple: false);
    }

    public static ListValue SplitLines(TextValue text, Arguments arguments)
    {
        var keepsEnds = arguments.Expect(0, "keepends").GetFlag(0, "keepends", false);
        var source = text.Text;
        var parts = new List<Value>();
        for (var from = 0; from < source.Length;)
        {
            var end = from;
            while (end < source.Length && !IsLineEnd(source[end]))
                end++;

            var next = Math.Min(source.Length, end + 1);
            if (end + 1 < source.Length && source[end] == '\r' && source[end + 1] == '\n')
                next++;

            Add(text, from, keepsEnds ? next : end, parts, arguments);
            from = next;
        }

        return new ListValue(parts, isTuple: false);
    }

    public static ListValue Partition(TextValue text, Arguments arguments, bool fromEnd)
    {
        var separator = arguments.Expect(1, "sep").GetText(0, "sep")!;
        if (separator.Text.Length == 0)
            throw TemplateException.Runtime("empty separator");

        var at = fromEnd
            ? text.Text.LastIndexOf(separator.Text, StringComparison.Ordinal)
            : text.Text.IndexOf(separator.Text, StringComparison.Ordinal);
        if (at < 0)
            return fromEnd ? ListValue.Tuple(TextValue.Empty, TextValue.Empty, text) : ListValue.Tuple(text, TextValue.Empty, TextValue.Empty);

        var end = at + separator.Text.Length;
        return ListValue.Tuple(text.Cut(0, at), text.Cut(at, end - at), text.Cut(end, text.Text.Length - end));
    }

    private static (string? Separator, int Limit) Read(Arguments arguments)
    {
        arguments.Expect(0, "sep", "maxsplit");
        var separator = arguments.Get(0, "sep") is null or NoneValue ? null : arguments.GetText(0, "sep")!.Text;
        if (separator is { Length: 0 })
            throw TemplateException.Runtime("empty separator");

        var limit = arguments.GetInteger(1, "maxsplit", -1);
        return (separator, limit < 0 ? int.MaxValue : limit);
    }

    private static void Add(TextValue text, int start, int end, List<Value> parts, Arguments arguments)
    {
        arguments.Rendering.Step();
        parts.Add(text.Cut(start, end - start));
    }

    private static bool IsLineEnd(char character) =>
        character is '\n' or '\r' or '\v' or '\f' or (>= '\x1c' and <= '\x1e') or '\x85' or '\u2028' or '\u2029';
}
