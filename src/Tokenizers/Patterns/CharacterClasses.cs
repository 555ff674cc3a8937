using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Patterns;

/// <summary>
/// The coarsest partition of all code points that the sets of a pattern cannot tell apart, with a class of its own for
/// the end of the text, which belongs to no set.
/// </summary>
internal sealed class CharacterClasses
{
    private const int PageSize = 256;
    private const int MaximumCount = 255;

    private readonly List<bool[]> _members = [];
    private readonly ushort[] _pages = new ushort[(CodePoint.Maximum + 1) / PageSize];
    private readonly byte[] _classes;

    public CharacterClasses(IReadOnlyList<CodePointSet> sets)
    {
        var cuts = new SortedSet<int> { 0, CodePoint.Maximum + 1 };
        foreach (var set in sets)
            foreach (var (start, end) in set.Ranges)
            {
                cuts.Add(start);
                cuts.Add(end);
            }

        var flat = new byte[CodePoint.Maximum + 1];
        var known = new Dictionary<string, int>();
        var first = -1;
        foreach (var cut in cuts)
        {
            if (first >= 0)
                flat.AsSpan(first, cut - first).Fill((byte)Intern(sets, first, known));
            first = cut;
        }

        End = _members.Count;
        _members.Add(new bool[sets.Count]);
        _classes = Fold(flat);
    }

    /// <summary>Number of classes, that of the end included.</summary>
    public int Count => _members.Count;

    /// <summary>The class of the end.</summary>
    public int End { get; }

    public int this[int point] => _classes[(_pages[point / PageSize] * PageSize) + (point % PageSize)];

    public bool Contains(int set, int @class) => _members[@class][set];

    private int Intern(IReadOnlyList<CodePointSet> sets, int point, Dictionary<string, int> known)
    {
        var members = new bool[sets.Count];
        for (var i = 0; i < members.Length; i++)
            members[i] = sets[i].Contains(point);
        var key = string.Concat(members.Select(member => member ? '1' : '0'));
        if (known.TryAdd(key, known.Count))
        {
            if (known.Count >= MaximumCount)
                throw new PatternException("tells too many kinds of characters apart");
            _members.Add(members);
        }

        return known[key];
    }

    // Most pages of 256 code points are alike.
    private byte[] Fold(byte[] flat)
    {
        var pages = new Dictionary<string, ushort>(StringComparer.Ordinal);
        var classes = new List<byte>();
        for (var page = 0; page < _pages.Length; page++)
        {
            var content = flat.AsSpan(page * PageSize, PageSize);
            if (pages.TryAdd(System.Text.Encoding.Latin1.GetString(content), (ushort)pages.Count))
                classes.AddRange(content);
            _pages[page] = pages[System.Text.Encoding.Latin1.GetString(content)];
        }

        return [.. classes];
    }
}
