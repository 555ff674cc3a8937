using System.Globalization;
using System.Text;

namespace ModelRunner.Tokenizers.Unicode;

/// <summary>The sets of code points that tokenizers speak of.</summary>
internal static class CodePointSets
{
    private static readonly Lazy<CodePointSet[]> Categories = new(ReadCategories);
    private static readonly Lazy<Dictionary<int, List<int>>> Cases = new(ReadCases);

    // White_Space of the Unicode database, which does not change.
    public static CodePointSet WhiteSpace { get; } = CodePointSet.Of(
        [(0x09, 0x0E), (0x20, 0x21), (0x85, 0x86), (0xA0, 0xA1), (0x1680, 0x1681), (0x2000, 0x200B), (0x2028, 0x202A),
            (0x202F, 0x2030), (0x205F, 0x2060), (0x3000, 0x3001)]);

    public static CodePointSet Digit => Category("Nd")!;

    /// <summary>Oniguruma's <c>\w</c>.</summary>
    public static CodePointSet Word { get; } =
        Category("L")!.Union(Category("M")!).Union(Category("Nd")!).Union(Category("Pc")!);

    /// <summary><c>\w</c> of Rust's regex crate: Unicode Technical Standard 18, annex C.</summary>
    public static CodePointSet RustWord { get; } = Word.Union(Category("Nl")!).Union(CodePointSet.Of(
        [(0x200C, 0x200E), (0x24B6, 0x24EA), (0x1F130, 0x1F14A), (0x1F150, 0x1F16A), (0x1F170, 0x1F18A)]));

    /// <summary>Punctuation as BERT sees it: that of Unicode, and the symbols of ASCII.</summary>
    public static CodePointSet Punctuation { get; } = Category("P")!.Union(CodePointSet.Of(
        [('!', '0'), (':', 'A'), ('[', '`' + 1), ('{', '~' + 1)]));

    public static CodePointSet Numeric => Category("N")!;

    /// <summary>A general category by its short name, of one or two letters; null for an unknown one.</summary>
    public static CodePointSet? Category(string name)
    {
        const string Order = "LuLlLtLmLoMnMcMeNdNlNoZsZlZpCcCfCsCoPcPdPsPePiPfPoSmScSkSoCn";
        if (name == "LC")
            return Category("Lu")!.Union(Category("Ll")!).Union(Category("Lt")!);

        var found = CodePointSet.None;
        if (name.Length is 1 or 2)
            for (var i = 0; i < Order.Length; i += 2)
                if (Order.AsSpan(i, name.Length).SequenceEqual(name))
                    found = found.Union(Categories.Value[i / 2]);
        return found == CodePointSet.None || found.Ranges.IsEmpty ? null : found;
    }

    /// <summary>The set with every code point that differs from one of its own by simple case only.</summary>
    public static CodePointSet IgnoreCase(CodePointSet set)
    {
        var added = new List<(int, int)>();
        foreach (var (_, variants) in Cases.Value)
            if (variants.Exists(set.Contains))
                added.AddRange(variants.Select(point => (point, point + 1)));
        return set.Union(CodePointSet.Of(added));
    }

    private static CodePointSet[] ReadCategories()
    {
        // In the order of UnicodeCategory.
        var ranges = Enumerable.Range(0, 30).Select(_ => new List<(int, int)>()).ToArray();
        var start = 0;
        var last = CharUnicodeInfo.GetUnicodeCategory(0);
        for (var point = 1; point <= CodePoint.Maximum + 1; point++)
        {
            var category = point > CodePoint.Maximum ? (UnicodeCategory)(-1) : CharUnicodeInfo.GetUnicodeCategory(point);
            if (category == last)
                continue;
            ranges[(int)last].Add((start, point));
            (start, last) = (point, category);
        }

        return [.. ranges.Select(CodePointSet.Of)];
    }

    private static Dictionary<int, List<int>> ReadCases()
    {
        var cases = new Dictionary<int, List<int>>();
        for (var point = 0; point < 0x1F000; point++)
        {
            if (!Rune.TryCreate(point, out var rune))
                continue;
            var key = Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value;

            // .NET keeps the long s apart from ASCII, the Unicode database does not.
            if (point == 0x17F)
                key = 's';
            if (key != point)
                cases.TryAdd(key, [key]);
            if (key != point)
                cases[key].Add(point);
        }

        return cases;
    }
}
