using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>
/// Decodes at once, moves the clock, allocates nothing, and prefers tokens in turn: what a step allocates is the scheduler's.
/// </summary>
internal sealed class AllocationFreeSession(SessionLimits limits, int vocabularySize, ManualTime time) : IDecodeSession
{
    private readonly int[] _lengths = new int[limits.MaxSequences];
    private readonly float[] _logits = new float[vocabularySize];
    private int _step;

    public SessionLimits Limits => limits;

    public ReadOnlySpan<int> FailedRows => [];

    public DecodeStatus Decode(DecodeBatch batch)
    {
        time.Advance(TimeSpan.FromMicroseconds(1_000 + (10 * batch.TokenCount)));
        foreach (var entry in batch.Entries)
            _lengths[entry.Sequence] += entry.Count;

        _logits[3 + (_step++ % (vocabularySize - 3))] = 0;
        _logits[3 + (_step % (vocabularySize - 3))] = 9;
        return DecodeStatus.Ok;
    }

    public ReadOnlySpan<float> GetLogits(int row) => _logits;

    public int GetLength(int sequence) => _lengths[sequence];

    public bool TryTruncate(int sequence, int length)
    {
        _lengths[sequence] = length;
        return true;
    }

    public bool TryCopyPrefix(int source, int target, int length) => false;

    public void Release(int sequence) => _lengths[sequence] = 0;

    public void Abort()
    {
    }

    public void Dispose()
    {
    }
}
