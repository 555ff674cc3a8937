namespace ModelRunner.Abstractions.Tokens;

/// <summary>
/// The tokens of one forward step: at most one contiguous slice for each sequence. Made once and reused; filling it
/// allocates nothing. Belongs to the loop thread.
/// </summary>
public sealed class DecodeBatch
{
    private readonly int[] _tokens;
    private readonly DecodeBatchEntry[] _entries;
    private bool[] _isInBatch = [];

    /// <summary>Makes an empty batch.</summary>
    /// <param name="maxTokens">Tokens at most.</param>
    /// <param name="maxSequences">Entries at most.</param>
    public DecodeBatch(int maxTokens, int maxSequences)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSequences, 1);
        _tokens = new int[maxTokens];
        _entries = new DecodeBatchEntry[maxSequences];
    }

    /// <summary>Number of tokens.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Number of output rows.</summary>
    public int RowCount { get; private set; }

    /// <summary>Tokens that still fit.</summary>
    public int FreeTokenCount => _tokens.Length - TokenCount;

    /// <summary>All tokens, entry after entry. Valid until the batch changes.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, TokenCount);

    /// <summary>The entries in the order they were added. Valid until the batch changes.</summary>
    public ReadOnlySpan<DecodeBatchEntry> Entries => _entries.AsSpan(0, Count);

    /// <summary>The tokens of one entry. Valid until the batch changes.</summary>
    public ReadOnlySpan<int> TokensOf(in DecodeBatchEntry entry) => _tokens.AsSpan(entry.Start, entry.Count);

    /// <summary>Adds the next tokens of a sequence.</summary>
    /// <param name="sequence">The sequence id; each at most once in a batch.</param>
    /// <param name="position">Position of the first token: the sequence's present length.</param>
    /// <param name="tokens">At least one token.</param>
    /// <param name="rows">The wanted logits.</param>
    /// <returns>The first of the consecutive output rows, or -1 for <see cref="LogitRows.None"/>.</returns>
    /// <exception cref="ArgumentException">No token, or more than fit.</exception>
    public int Add(int sequence, int position, ReadOnlySpan<int> tokens, LogitRows rows)
    {
        if (tokens.IsEmpty || tokens.Length > FreeTokenCount || Count == _entries.Length)
            throw new ArgumentException($"{tokens.Length} tokens do not fit in a batch with {FreeTokenCount} free.", nameof(tokens));

        tokens.CopyTo(_tokens.AsSpan(TokenCount));
        var firstRow = rows == LogitRows.None ? -1 : RowCount;
        _entries[Count++] = new(sequence, position, TokenCount, tokens.Length, rows, firstRow);
        TokenCount += tokens.Length;
        RowCount += rows switch { LogitRows.All => tokens.Length, LogitRows.Last => 1, _ => 0 };
        return firstRow;
    }

    /// <summary>Refuses what native code must never be handed. An engine calls this first; it changes nothing.</summary>
    /// <param name="limits">The session's.</param>
    /// <param name="vocabularySize">Token ids are below this.</param>
    /// <param name="lengths">Tokens of each sequence, <c>[MaxSequences]</c>.</param>
    /// <exception cref="ArgumentException">The batch breaks the limits, or does not fit the lengths; says where.</exception>
    public void Check(SessionLimits limits, int vocabularySize, ReadOnlySpan<int> lengths)
    {
        if (Count == 0 || TokenCount > limits.MaxBatchTokens)
            throw new ArgumentException($"A batch has 1 to {limits.MaxBatchTokens} tokens, not {TokenCount}.");

        if (_isInBatch.Length < lengths.Length)
            _isInBatch = new bool[lengths.Length];
        Array.Clear(_isInBatch);
        foreach (var entry in Entries)
            CheckEntry(entry, limits, lengths);

        foreach (var token in Tokens)
            if ((uint)token >= (uint)vocabularySize)
                throw new ArgumentException($"The token {token} is not in the vocabulary of {vocabularySize}.");
    }

    /// <summary>Empties it.</summary>
    public void Clear() => TokenCount = Count = RowCount = 0;

    private void CheckEntry(in DecodeBatchEntry entry, SessionLimits limits, ReadOnlySpan<int> lengths)
    {
        if ((uint)entry.Sequence >= (uint)lengths.Length || _isInBatch[entry.Sequence])
            throw new ArgumentException($"The sequence {entry.Sequence} is out of range or twice in the batch.");

        _isInBatch[entry.Sequence] = true;
        if (entry.Position != lengths[entry.Sequence])
            throw new ArgumentException($"Position {entry.Position} is not the length {lengths[entry.Sequence]} of sequence {entry.Sequence}.");

        if (entry.Count > limits.MaxSequenceLength - entry.Position)
            throw new ArgumentException($"Sequence {entry.Sequence} would pass {limits.MaxSequenceLength} tokens.");
    }
}
