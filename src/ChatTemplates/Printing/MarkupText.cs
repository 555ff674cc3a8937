using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Printing;

/// <summary>The rules of <c>safe</c> and <c>escape</c>: what is joined to a safe text gets escaped.</summary>
internal static class MarkupText
{
    public static TextValue Escape(TextValue text)
    {
        if (!text.Text.AsSpan().ContainsAny("&<>'\""))
            return new TextValue(text.Text, text.Marks, isSafe: true);

        var builder = new TextBuilder();
        for (var i = 0; i < text.Text.Length; i++)
        {
            var marks = TextMarks.Slice(text.Marks, i, 1);
            var character = text.Text.AsSpan(i, 1);
            builder.Append(
                character[0] switch
                {
                    '&' => "&amp;",
                    '<' => "&lt;",
                    '>' => "&gt;",
                    '\'' => "&#39;",
                    '"' => "&#34;",
                    _ => character,
                },
                marks);
        }

        var escaped = builder.ToText();
        return new TextValue(escaped.Text, escaped.Marks, isSafe: true);
    }

    public static TextValue Join(ReadOnlySpan<TextValue> texts, TextValue separator, bool isSafe, Rendering rendering)
    {
        if (isSafe && !separator.IsSafe)
            separator = Escape(separator);

        var length = 0L;
        foreach (var text in texts)
            length += text.Text.Length + separator.Text.Length;

        rendering.Charge(length);
        if (!isSafe && TryJoinTrusted(texts, separator) is { } plain)
            return new TextValue(plain);

        var builder = new TextBuilder();
        for (var i = 0; i < texts.Length; i++)
        {
            if (i > 0)
                builder.Append(separator);

            builder.Append(isSafe && !texts[i].IsSafe ? Escape(texts[i]) : texts[i]);
        }

        var joined = builder.ToText();
        return isSafe ? new TextValue(joined.Text, joined.Marks, isSafe: true) : joined;
    }

    /// <summary>Where nothing came with the request there are no marks to keep, and one copy is enough.</summary>
    private static string? TryJoinTrusted(ReadOnlySpan<TextValue> texts, TextValue separator)
    {
        if (separator.Marks.Length > 0)
            return null;

        var plain = new string[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            if (texts[i].Marks.Length > 0)
                return null;

            plain[i] = texts[i].Text;
        }

        return string.Join(separator.Text, plain);
    }
}
