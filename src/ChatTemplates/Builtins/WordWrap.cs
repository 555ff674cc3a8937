using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>The filter <c>wordwrap</c>: lines of at most so many characters, broken at blanks and hyphens.</summary>
internal static class WordWrap
{
    public static TextValue Apply(TextValue text, Arguments arguments)
    {
        arguments.Expect(0, "width", "break_long_words", "wrapstring", "break_on_hyphens");
        var width = arguments.GetInteger(0, "width", 79);
        var breaksWords = arguments.GetFlag(1, "break_long_words", true);
        var separator = arguments.GetText(2, "wrapstring")?.Text ?? "\n";
        var breaksHyphens = arguments.GetFlag(3, "break_on_hyphens", true);
        if (width <= 0)
            throw TemplateException.Runtime($"invalid width {width} (must be > 0)");

        var lines = text.Text.Split('\n').Select(line => string.Join(separator, Wrap(line, width, breaksWords, breaksHyphens)));
        return text.With(string.Join(separator, lines));
    }

    private static List<string> Wrap(string line, int width, bool breaksWords, bool breaksHyphens)
    {
        var chunks = new Stack<string>(Chunks(line, breaksHyphens).Reverse());
        var lines = new List<string>();
        while (chunks.Count > 0)
        {
            var current = "";
            while (chunks.Count > 0 && current.Length + chunks.Peek().Length <= width)
                current += chunks.Pop();

            if (chunks.Count > 0 && chunks.Peek().Length > width)
            {
                var word = chunks.Pop();
                if (breaksWords)
                {
                    var room = Math.Max(1, width - current.Length);
                    current += word[..room];
                    chunks.Push(word[room..]);
                }
                else if (current.Length == 0)
                {
                    current = word;
                }
                else
                {
                    chunks.Push(word);
                }
            }

            if (current.Length > 0)
                lines.Add(current);
        }

        return lines;
    }

    // Words and the blanks between them; after a hyphen between letters a word may be broken.
    private static IEnumerable<string> Chunks(string line, bool breaksHyphens)
    {
        for (var start = 0; start < line.Length;)
        {
            var isBlank = line[start] is ' ' or '\t';
            var end = start;
            while (end < line.Length && (line[end] is ' ' or '\t') == isBlank)
            {
                end++;
                if (breaksHyphens && !isBlank && line[end - 1] == '-' && end - start > 2 && char.IsLetter(line[end - 2]) && end < line.Length && char.IsLetter(line[end]))
                    break;
            }

            yield return line[start..end];
            start = end;
        }
    }
}
