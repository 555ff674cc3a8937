using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Testing;

/// <summary>
/// A decode session in memory: it keeps the real tokens of every sequence, and its logits at a position are a hash of
/// the whole prefix. So any mistake with the KV cache gives other tokens. It throws on every misuse.
/// </summary>
public sealed class ScriptedDecodeSession(SessionLimits limits, int vocabularySize, Func<DecodeBatch, DecodeStatus>? script = null)
    : IDecodeSession
{
    private readonly List<(int Token, Cell Cell)>[] _sequences =
        [.. Enumerable.Range(0, limits.MaxSequences).Select(_ => new List<(int, Cell)>())];

    private readonly List<ulong> _rows = [];
    private readonly List<int> _failed = [];
    private readonly HashSet<int> _failedRowNumbers = [];
    private readonly float[] _logits = new float[vocabularySize];
    private bool _isLost;
    private bool _isDisposed;
    private volatile bool _isAborted;

    /// <summary>The memory of one token; prefixes that are shared have the same cells.</summary>
    private sealed class Cell;

    public SessionLimits Limits => limits;

    public int UsedCells => _sequences.SelectMany(tokens => tokens.Select(token => token.Cell)).Distinct().Count();

    /// <summary>Whether the decode in flight was told to end.</summary>
    public bool IsAborted => _isAborted;

    public ReadOnlySpan<int> FailedRows => _failed.ToArray();

    /// <summary>The logits after a prefix, as the reference loop of a test needs them.</summary>
    public static void FillLogits(ReadOnlySpan<int> prefix, Span<float> logits)
    {
        var hash = Seed;
        foreach (var token in prefix)
            hash = Mix(hash, token);

        Fill(hash, logits);
    }

    public DecodeStatus Decode(DecodeBatch batch)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isLost)
            throw new InvalidOperationException("The session was used after a fault.");

        Check(batch);
        _isAborted = false;
        var status = script?.Invoke(batch) ?? DecodeStatus.Ok;
        if (_isAborted && status == DecodeStatus.Ok)
            status = DecodeStatus.Aborted;

        _rows.Clear();
        _failed.Clear();
        _failedRowNumbers.Clear();
        if (status == DecodeStatus.NoKvSpace || (limits.KvLayout.IsPooled && UsedCells + batch.TokenCount > limits.KvLayout.Capacity))
            return DecodeStatus.NoKvSpace;

        if (status == DecodeStatus.Faulted)
        {
            _isLost = true;
            return status;
        }

        for (var i = 0; i < batch.Count; i++)
        {
            var entry = batch.Entries[i];
            var count = entry.Count;
            if (status == DecodeStatus.RowsFailed && i % 2 == 0)
            {
                _failed.Add(i);
                count = 0;
            }

            // An abort comes in the middle: some sequences have grown, one in part, the rest not.
            if (status == DecodeStatus.Aborted)
                count = i == 0 ? entry.Count : i == 1 ? entry.Count / 2 : 0;

            Append(entry, batch.TokensOf(entry), count, isFailed: status == DecodeStatus.RowsFailed && i % 2 == 0);
        }

        if (status == DecodeStatus.Aborted)
            _rows.Clear();

        return status;
    }

    public ReadOnlySpan<float> GetLogits(int row)
    {
        if ((uint)row >= (uint)_rows.Count || _failedRowNumbers.Contains(row))
            throw new ArgumentOutOfRangeException(nameof(row), row, $"{_rows.Count} rows can be read.");

        Fill(_rows[row], _logits);
        return _logits;
    }

    public int GetLength(int sequence) => _sequences[sequence].Count;

    public bool TryTruncate(int sequence, int length)
    {
        var tokens = _sequences[sequence];
        if (length < 0 || length > tokens.Count)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"The sequence has {tokens.Count} tokens.");

        if (length < tokens.Count && length > 0 && !limits.CanTruncate)
            return false;

        tokens.RemoveRange(length, tokens.Count - length);
        return true;
    }

    public bool TryCopyPrefix(int source, int target, int length)
    {
        if (_sequences[target].Count > 0 || length < 1 || length > _sequences[source].Count || source == target)
            throw new ArgumentException($"{length} tokens of {source} cannot become {target}.");

        if (limits.PrefixCopy == PrefixCopy.None)
            return false;

        foreach (var (token, cell) in _sequences[source].Take(length))
            _sequences[target].Add((token, limits.PrefixCopy == PrefixCopy.Shared ? cell : new Cell()));

        return true;
    }

    public void Release(int sequence) => _sequences[sequence].Clear();

    public void Abort()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _isAborted = true;
    }

    public void Dispose() => _isDisposed = true;

    private const ulong Seed = 0x9E3779B97F4A7C15;

    private static ulong Mix(ulong hash, int token)
    {
        hash = (hash ^ (uint)token) * 0xBF58476D1CE4E5B9;
        return hash ^ (hash >> 29);
    }

    private static void Fill(ulong hash, Span<float> logits)
    {
        for (var token = 0; token < logits.Length; token++)
            logits[token] = (Mix(hash, token + 1) >> 40) / (float)(1 << 24) * 6;

        // The end is possible everywhere and likely nowhere.
        logits[FakeTokenizer.End] -= 2;
    }

    private void Append(in DecodeBatchEntry entry, ReadOnlySpan<int> tokens, int count, bool isFailed)
    {
        var sequence = _sequences[entry.Sequence];
        var hash = Seed;
        foreach (var (token, _) in sequence)
            hash = Mix(hash, token);

        for (var i = 0; i < tokens.Length; i++)
        {
            if (i < count)
            {
                hash = Mix(hash, tokens[i]);
                sequence.Add((tokens[i], new Cell()));
            }

            if (entry.Rows == LogitRows.All || (entry.Rows == LogitRows.Last && i == tokens.Length - 1))
            {
                if (isFailed)
                    _failedRowNumbers.Add(_rows.Count);

                _rows.Add(hash);
            }
        }
    }

    private void Check(DecodeBatch batch)
    {
        if (batch.Count == 0 || batch.TokenCount > limits.MaxBatchTokens)
            throw new ArgumentException($"A batch of {batch.TokenCount} tokens.", nameof(batch));

        var seen = new HashSet<int>();
        foreach (var entry in batch.Entries)
        {
            if ((uint)entry.Sequence >= (uint)limits.MaxSequences || !seen.Add(entry.Sequence))
                throw new ArgumentException($"Sequence {entry.Sequence} is out of range or twice in the batch.", nameof(batch));

            if (entry.Position != GetLength(entry.Sequence) || entry.Position + entry.Count > limits.MaxSequenceLength)
                throw new ArgumentException($"Position {entry.Position} of sequence {entry.Sequence}, which has {GetLength(entry.Sequence)}.", nameof(batch));

            foreach (var token in batch.TokensOf(entry))
                if ((uint)token >= (uint)vocabularySize)
                    throw new ArgumentException($"Token {token}.", nameof(batch));
        }
    }
}
