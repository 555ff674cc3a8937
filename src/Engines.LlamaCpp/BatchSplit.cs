using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Engines.LlamaCpp;

/// <summary>
/// Which entries of a batch one call of libllama computes. Where each sequence has a region of its own, the tokens that
/// are computed together all pay for attention over the longest of their sequences: decode rows beside a piece of a
/// long prompt would take as long as if they were as long. And a piece of several tokens has a pass over the weights
/// of its own anyway. So pieces of prompts that give no logits go first, by themselves. Pure; allocates nothing.
/// </summary>
internal sealed class BatchSplit(int maxSequences)
{
    /// <summary>
    /// Attention over so many tokens, summed over the decode rows, costs about a pass over the weights: for so much it
    /// is worth one of its own to keep a single token of a prompt apart.
    /// </summary>
    private const int WorthAPass = 2048;

    private readonly int[] _first = new int[maxSequences];
    private readonly int[] _second = new int[maxSequences];
    private int _firstCount;
    private int _secondCount;

    /// <summary>Indices of the entries to compute before the others; none where all go together.</summary>
    public ReadOnlySpan<int> First => _first.AsSpan(0, _firstCount);

    /// <summary>Indices of the others: all that give logits are among them.</summary>
    public ReadOnlySpan<int> Second => _second.AsSpan(0, _secondCount);

    /// <summary>All together.</summary>
    public void TakeWhole(DecodeBatch batch)
    {
        (_firstCount, _secondCount) = (0, batch.Count);
        for (var i = 0; i < batch.Count; i++)
            _second[i] = i;
    }

    /// <summary>Keeps pieces of prompts apart from decode rows, where there are both and it pays.</summary>
    public void Divide(DecodeBatch batch)
    {
        (_firstCount, _secondCount) = (0, 0);
        var (rows, longest) = MeasureDecodeRows(batch);
        for (var i = 0; i < batch.Count; i++)
        {
            var entry = batch.Entries[i];
            var isApart = rows > 0
                && entry.Rows == LogitRows.None
                && (entry.Count > 1 || (long)rows * (entry.Position - longest) > WorthAPass);
            if (isApart)
                _first[_firstCount++] = i;
            else
                _second[_secondCount++] = i;
        }
    }

    private static (int Count, int LongestPosition) MeasureDecodeRows(DecodeBatch batch)
    {
        var (count, longest) = (0, 0);
        foreach (var entry in batch.Entries)
            if (entry.Count == 1 && entry.Rows != LogitRows.None)
                (count, longest) = (count + 1, Math.Max(longest, entry.Position));

        return (count, longest);
    }
}
