using System.Text;

namespace ModelRunner.Tokenizers.Tests;

/// <summary>Text in which what tokenizers treat specially is frequent.</summary>
internal static class RandomText
{
    private static readonly string[] Frequent =
    [
        " ", "  ", "\n", "\r\n", "\t", "'s", "'LL", "'", "a", "b", "c", "x", "abc", "The", "QUICK", "1", "22", "333", ".", ",", "!?", "-", "/",
        "é", "e\u0301", "ß", "ſ", "İ", "中", "漢字", "かな", "カ", "한국", "ا", "नि", "ไทย", "\u00A0", "\u3000", "\u2581", "_", "\u0301", "½", "Ⅷ", "٣", "ǅ",
        "\u200D", "…", "“", "€", "+", "\u0085", "\u2028",
    ];

    private static readonly string[] Astral = ["😀", "👩‍💻", "𝐛", "𐍈", "𠀀", "🏳️‍🌈", "🇩🇪"];

    /// <summary>Characters of one UTF-16 unit each.</summary>
    public static string Units(Random random, int length) => Join(random, length, Frequent);

    /// <summary>Any characters, some of them random code points.</summary>
    public static string Any(Random random, int length) => Join(random, length, [.. Frequent, .. Astral, Point(random), Point(random)]);

    private static string Join(Random random, int length, string[] parts)
    {
        var text = new StringBuilder();
        while (text.Length < length)
            text.Append(parts[random.Next(parts.Length)]);
        return text.ToString();
    }

    private static string Point(Random random)
    {
        var point = random.Next(0x11_0000);
        return Rune.IsValid(point) ? new Rune(point).ToString() : "\uFFFD";
    }
}
