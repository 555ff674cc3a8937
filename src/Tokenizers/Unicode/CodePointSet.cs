namespace ModelRunner.Tokenizers.Unicode;

/// <summary>An immutable set of code points.</summary>
internal sealed class CodePointSet : IEquatable<CodePointSet>
{
    // Sorted half-open ranges that do not touch.
    private readonly (int Start, int End)[] _ranges;

    private CodePointSet((int Start, int End)[] ranges) => _ranges = ranges;

    public static CodePointSet None { get; } = new([]);

    public static CodePointSet All { get; } = Of(0, CodePoint.Maximum);

    public ReadOnlySpan<(int Start, int End)> Ranges => _ranges;

    /// <summary>The code points from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public static CodePointSet Of(int first, int last) => new([(first, last + 1)]);

    public static CodePointSet Of(int point) => Of(point, point);

    public static CodePointSet Of(IEnumerable<(int Start, int End)> ranges)
    {
        var merged = new List<(int Start, int End)>();
        foreach (var (start, end) in ranges.Order())
        {
            if (merged.Count > 0 && start <= merged[^1].End)
                merged[^1] = (merged[^1].Start, Math.Max(end, merged[^1].End));
            else if (start < end)
                merged.Add((start, end));
        }

        return new CodePointSet([.. merged]);
    }

    public bool Contains(int point)
    {
        var low = 0;
        var high = _ranges.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].End <= point)
                low = middle + 1;
            else
                high = middle;
        }

        return low < _ranges.Length && _ranges[low].Start <= point;
    }

    public CodePointSet Union(CodePointSet other) => Of(_ranges.Concat(other._ranges));

    public CodePointSet Intersect(CodePointSet other) => Negate().Union(other.Negate()).Negate();

    public CodePointSet Except(CodePointSet other) => Intersect(other.Negate());

    public CodePointSet Negate()
    {
        var ranges = new List<(int, int)>();
        var start = 0;
        foreach (var range in _ranges)
        {
            if (start < range.Start)
                ranges.Add((start, range.Start));
            start = range.End;
        }

        if (start <= CodePoint.Maximum)
            ranges.Add((start, CodePoint.Maximum + 1));
        return new CodePointSet([.. ranges]);
    }

    public bool Equals(CodePointSet? other) => other is not null && _ranges.AsSpan().SequenceEqual(other._ranges);

    public override bool Equals(object? obj) => Equals(obj as CodePointSet);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var range in _ranges)
            hash.Add(range);
        return hash.ToHashCode();
    }
}
