using System.Text;

namespace ModelRunner.Tokenizers.Unicode;

/// <summary>
/// Code points of UTF-16 without lone surrogates: <see cref="Repair"/> stands before everything else.
/// </summary>
internal static class CodePoint
{
    public const int Maximum = 0x10FFFF;

    /// <summary>The code point that begins at an index.</summary>
    public static int At(ReadOnlySpan<char> text, int index, out int length)
    {
        var unit = text[index];
        if (!char.IsHighSurrogate(unit) || index + 1 == text.Length)
        {
            length = 1;
            return unit;
        }

        length = 2;
        return char.ConvertToUtf32(unit, text[index + 1]);
    }

    /// <summary>The code point that ends before an index, which is not 0.</summary>
    public static int Before(ReadOnlySpan<char> text, int index, out int length)
    {
        var unit = text[index - 1];
        if (!char.IsLowSurrogate(unit) || index == 1)
        {
            length = 1;
            return unit;
        }

        length = 2;
        return char.ConvertToUtf32(text[index - 2], unit);
    }

    public static void Append(StringBuilder text, int point)
    {
        if (point <= char.MaxValue)
            text.Append((char)point);
        else
            text.Append((char)(0xD800 + ((point - 0x10000) >> 10))).Append((char)(0xDC00 + (point & 0x3FF)));
    }

    /// <summary>Puts U+FFFD where half of a surrogate pair stands, as a conversion to UTF-8 would.</summary>
    public static void Repair(Span<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                i++;
            else
                text[i] = '\uFFFD';
        }
    }
}
