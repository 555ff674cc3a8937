using System.Globalization;

namespace ModelRunner.Grammars.Regex;

/// <summary>A set of Unicode scalar values: ranges in order, apart from one another, without surrogates.</summary>
internal sealed class CharClass
{
    public const int MaxCodePoint = 0x10FFFF;

    private CharClass((int Low, int High)[] ranges) => Ranges = ranges;

    public static CharClass All { get; } = Of((0, MaxCodePoint));

    public static CharClass Empty { get; } = Of();

    public static CharClass Digit { get; } = Of(('0', '9'));

    public static CharClass Word { get; } = Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    /// <summary>ECMA-262 WhiteSpace and LineTerminator.</summary>
    public static CharClass Space { get; } = Of(
        (9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
        (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    /// <summary>What a dot means in ECMA-262: everything but a LineTerminator.</summary>
    public static CharClass Dot { get; } = Of((10, 10), (13, 13), (0x2028, 0x2029)).Negate();

    /// <summary>Ranges with both ends included.</summary>
    public (int Low, int High)[] Ranges { get; }

    public bool IsEmpty => Ranges.Length == 0;

    public static CharClass Of(params ReadOnlySpan<(int Low, int High)> ranges)
    {
        var sorted = new List<(int Low, int High)>();
        foreach (var (low, high) in ranges)
        {
            AddClipped(sorted, low, Math.Min(high, 0xD7FF));
            AddClipped(sorted, Math.Max(low, 0xE000), high);
        }

        sorted.Sort();
        var merged = new List<(int Low, int High)>();
        foreach (var (low, high) in sorted)
        {
            if (merged.Count > 0 && low <= merged[^1].High + 1)
                merged[^1] = (merged[^1].Low, Math.Max(merged[^1].High, high));
            else
                merged.Add((low, high));
        }

        return new CharClass([.. merged]);
    }

    public static CharClass Single(int codePoint) => Of((codePoint, codePoint));

    /// <summary>A general category, such as <c>L</c> or <c>Lu</c>; null when there is none of the name.</summary>
    public static CharClass? Category(string name)
    {
        if (name.Length is 0 or > 2 || !"LMNPSZC".Contains(name[0]))
            return null;

        var ranges = new List<(int, int)>();
        for (var i = 0; i <= MaxCodePoint; i++)
            if (Abbreviate(CharUnicodeInfo.GetUnicodeCategory(i)).StartsWith(name, StringComparison.Ordinal))
                AddClipped(ranges, i, i);

        return ranges.Count == 0 ? null : Of([.. ranges]);
    }

    public CharClass Negate()
    {
        var ranges = new List<(int, int)>();
        var next = 0;
        foreach (var (low, high) in Ranges)
        {
            if (low > next)
                ranges.Add((next, low - 1));
            next = high + 1;
        }

        if (next <= MaxCodePoint)
            ranges.Add((next, MaxCodePoint));

        return Of([.. ranges]);
    }

    public CharClass Union(CharClass other) => Of([.. Ranges, .. other.Ranges]);

    public CharClass Intersect(CharClass other) => Negate().Union(other.Negate()).Negate();

    public bool Contains(int codePoint) => Array.Exists(Ranges, range => range.Low <= codePoint && codePoint <= range.High);

    private static void AddClipped(List<(int, int)> ranges, int low, int high)
    {
        if (low <= high)
            ranges.Add((low, high));
    }

    private static string Abbreviate(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => "Lu",
        UnicodeCategory.LowercaseLetter => "Ll",
        UnicodeCategory.TitlecaseLetter => "Lt",
        UnicodeCategory.ModifierLetter => "Lm",
        UnicodeCategory.OtherLetter => "Lo",
        UnicodeCategory.NonSpacingMark => "Mn",
        UnicodeCategory.SpacingCombiningMark => "Mc",
        UnicodeCategory.EnclosingMark => "Me",
        UnicodeCategory.DecimalDigitNumber => "Nd",
        UnicodeCategory.LetterNumber => "Nl",
        UnicodeCategory.OtherNumber => "No",
        UnicodeCategory.ConnectorPunctuation => "Pc",
        UnicodeCategory.DashPunctuation => "Pd",
        UnicodeCategory.OpenPunctuation => "Ps",
        UnicodeCategory.ClosePunctuation => "Pe",
        UnicodeCategory.InitialQuotePunctuation => "Pi",
        UnicodeCategory.FinalQuotePunctuation => "Pf",
        UnicodeCategory.OtherPunctuation => "Po",
        UnicodeCategory.MathSymbol => "Sm",
        UnicodeCategory.CurrencySymbol => "Sc",
        UnicodeCategory.ModifierSymbol => "Sk",
        UnicodeCategory.OtherSymbol => "So",
        UnicodeCategory.SpaceSeparator => "Zs",
        UnicodeCategory.LineSeparator => "Zl",
        UnicodeCategory.ParagraphSeparator => "Zp",
        UnicodeCategory.Control => "Cc",
        UnicodeCategory.Format => "Cf",
        UnicodeCategory.PrivateUse => "Co",
        _ => "Cn",
    };
}
