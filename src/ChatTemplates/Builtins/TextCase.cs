using System.Globalization;
using System.Text;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>Python's changes of case. The full mappings that grow a text are those of common letters.</summary>
internal static class TextCase
{
    public static string Upper(string text) =>
        text.Contains('ß') || text.Contains('ŉ') || text.AsSpan().ContainsAnyInRange('ﬀ', 'ﬆ')
            ? text.ToUpperInvariant()
                .Replace("ß", "SS", StringComparison.Ordinal)
                .Replace("ŉ", "ʼN", StringComparison.Ordinal)
                .Replace("ﬀ", "FF", StringComparison.Ordinal)
                .Replace("ﬁ", "FI", StringComparison.Ordinal)
                .Replace("ﬂ", "FL", StringComparison.Ordinal)
                .Replace("ﬃ", "FFI", StringComparison.Ordinal)
                .Replace("ﬄ", "FFL", StringComparison.Ordinal)
                .Replace("ﬅ", "ST", StringComparison.Ordinal)
                .Replace("ﬆ", "ST", StringComparison.Ordinal)
            : text.ToUpperInvariant();

    public static string Lower(string text)
    {
        var lower = text.ToLowerInvariant();
        if (text.Contains('İ'))
            lower = lower.Replace("İ", "i̇", StringComparison.Ordinal);

        return text.Contains('Σ') ? FinalSigmas(text, lower) : lower;
    }

    public static string Fold(string text) =>
        text.ToLowerInvariant().Replace("ß", "ss", StringComparison.Ordinal).Replace('ς', 'σ');

    public static string Capitalize(string text)
    {
        if (text.Length == 0)
            return text;

        var width = Values.CodePoints.Width(text, 0);
        var first = Upper(text[..width]);
        return (first.Length > width ? first[..1] + Lower(first[1..]) : first) + Lower(text)[Lower(text[..width]).Length..];
    }

    public static string Title(string text)
    {
        var builder = new StringBuilder(text.Length);
        var isInWord = false;
        for (var i = 0; i < text.Length;)
        {
            var width = Values.CodePoints.Width(text, i);
            var part = text.Substring(i, width);
            builder.Append(isInWord ? Lower(part) : Capitalize(part));
            isInWord = IsCased(text, i);
            i += width;
        }

        return builder.ToString();
    }

    public static string Swap(string text)
    {
        var builder = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var width = Values.CodePoints.Width(text, i);
            var part = text.Substring(i, width);
            builder.Append(char.IsUpper(text, i) ? Lower(part) : char.IsLower(text, i) ? Upper(part) : part);
            i += width;
        }

        return builder.ToString();
    }

    public static bool IsUpper(string text) => HasOnly(text, char.IsUpper, char.IsLower);

    public static bool IsLower(string text) => HasOnly(text, char.IsLower, char.IsUpper);

    public static bool IsTitle(string text)
    {
        var isInWord = false;
        var hasAny = false;
        for (var i = 0; i < text.Length; i += Values.CodePoints.Width(text, i))
        {
            if (char.IsUpper(text, i) && isInWord)
                return false;

            if (char.IsLower(text, i) && !isInWord)
                return false;

            isInWord = IsCased(text, i);
            hasAny |= isInWord;
        }

        return hasAny;
    }

    private static bool HasOnly(string text, Func<string, int, bool> wanted, Func<string, int, bool> other)
    {
        var hasAny = false;
        for (var i = 0; i < text.Length; i += Values.CodePoints.Width(text, i))
        {
            if (other(text, i) || CharUnicodeInfo.GetUnicodeCategory(text, i) == UnicodeCategory.TitlecaseLetter)
                return false;

            hasAny |= wanted(text, i);
        }

        return hasAny;
    }

    private static bool IsCased(string text, int at) => char.IsUpper(text, at) || char.IsLower(text, at);

    // Unicode's Final_Sigma: after a cased letter and before none.
    private static string FinalSigmas(string text, string lower)
    {
        var characters = lower.ToCharArray();
        for (var i = 0; i < text.Length && text.Length == lower.Length; i++)
            if (text[i] == 'Σ' && i > 0 && char.IsLetter(text[i - 1]) && (i + 1 == text.Length || !char.IsLetter(text[i + 1])))
                characters[i] = 'ς';

        return new string(characters);
    }
}
