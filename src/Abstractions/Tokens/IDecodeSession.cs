namespace ModelRunner.Abstractions.Tokens;

/// <summary>
/// The lower seam: a KV cache with sequences, and one forward step at a time. All a local engine has to write.
/// Every member but <see cref="Abort"/> and <see cref="Limits"/> belongs to one thread at a time, the loop thread.
/// </summary>
public interface IDecodeSession : IDisposable
{
    /// <summary>What the session can do. Immutable.</summary>
    SessionLimits Limits { get; }

    /// <summary>
    /// One forward step. The engine may split the batch into launches. Expected failures are statuses; only misuse
    /// throws.
    /// </summary>
    /// <param name="batch">At least one entry, each at the present length of its sequence. Not kept.</param>
    /// <exception cref="ArgumentException">The batch breaks the limits or a position is not the sequence's length.</exception>
    DecodeStatus Decode(DecodeBatch batch);

    /// <summary>
    /// Indices of the batch entries that failed in the last <see cref="Decode"/>; valid after
    /// <see cref="DecodeStatus.RowsFailed"/>, until the next one.
    /// </summary>
    ReadOnlySpan<int> FailedRows { get; }

    /// <summary>
    /// One row of logits, <c>[VocabularySize]</c>, in the engine's memory: valid until the next <see cref="Decode"/>
    /// or <see cref="IDisposable.Dispose"/>.
    /// </summary>
    /// <param name="row">[0, RowCount) of the last batch, not of a failed entry.</param>
    ReadOnlySpan<float> GetLogits(int row);

    /// <summary>Tokens of the sequence in the KV cache; 0 for one that holds none.</summary>
    int GetLength(int sequence);

    /// <summary>
    /// Keeps [0, <paramref name="length"/>) of the sequence. False, with nothing changed, where the architecture
    /// cannot (recurrent state, sliding window): the scheduler then releases and prefills again.
    /// </summary>
    bool TryTruncate(int sequence, int length);

    /// <summary>
    /// Makes <paramref name="target"/>, which holds nothing, the prefix [0, <paramref name="length"/>) of
    /// <paramref name="source"/>. False, with nothing changed, where it cannot be done.
    /// </summary>
    bool TryCopyPrefix(int source, int target, int length);

    /// <summary>Frees all KV of the sequence. Nothing happens when it holds none.</summary>
    void Release(int sequence);

    /// <summary>
    /// Makes the <see cref="Decode"/> in flight return <see cref="DecodeStatus.Aborted"/> soon, or nothing when none
    /// is in flight. This and <see cref="IsStalled"/> are what any thread may call, at any time before disposal.
    /// </summary>
    void Abort();

    /// <summary>
    /// Whether a <see cref="Decode"/> is in flight that has shown no sign of progress for most of a second. Any thread,
    /// also after disposal. Always false where the engine cannot tell: a loop then waits for longer.
    /// </summary>
    bool IsStalled => false;
}
