namespace ModelRunner.Tokenizers.AddedTokens;

/// <summary>The ranges of a text that are trusted: control tokens are found only inside one of them.</summary>
internal readonly struct TextTrust
{
    // Sorted half-open ranges that do not touch.
    private readonly List<(int Start, int End)> _ranges;

    public TextTrust(IEnumerable<(int Start, int End)> ranges)
    {
        _ranges = [];
        foreach (var (start, end) in ranges)
        {
            if (_ranges.Count > 0 && _ranges[^1].End == start)
                _ranges[^1] = (_ranges[^1].Start, end);
            else if (start < end)
                _ranges.Add((start, end));
        }
    }

    public IReadOnlyList<(int Start, int End)> Ranges => _ranges;

    public bool Covers(int start, int end)
    {
        var index = _ranges.BinarySearch((start, int.MaxValue));
        var range = ~index - 1;
        return range >= 0 && _ranges[range].Start <= start && end <= _ranges[range].End;
    }

    /// <summary>The same for a part of the text.</summary>
    public TextTrust Slice(int start, int end) => new(
        from range in _ranges
        where range.Start < end && start < range.End
        select (Math.Max(range.Start, start) - start, Math.Min(range.End, end) - start));
}
