using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Abstractions.Tokens;

/// <summary>
/// Turns token inputs into vectors. Belongs to one thread at a time; its queue, batching and turn at the compute
/// gate live in Generation.
/// </summary>
public interface IEmbeddingSession : IDisposable
{
    /// <summary>Inputs of one batch at most.</summary>
    int MaxSequences { get; }

    /// <summary>Tokens of one batch at most.</summary>
    int MaxBatchTokens { get; }

    /// <summary>Tokens of one input at most.</summary>
    int MaxInputLength { get; }

    /// <summary>Floats that one input gives: the width of a vector, or the number of labels for <see cref="PoolingKind.Rank"/>.</summary>
    int GetOutputLength(PoolingKind pooling);

    /// <summary>
    /// Whether an <see cref="Embed"/> is in flight that has shown no sign of progress for most of a second. Any thread,
    /// also after disposal. Always false where the engine cannot tell.
    /// </summary>
    bool IsStalled => false;

    /// <summary>Embeds the batch, not normalised.</summary>
    /// <param name="batch">Within the limits. Not kept.</param>
    /// <param name="pooling">How states become vectors.</param>
    /// <param name="output">
    /// <c>[batch.Count, GetOutputLength(pooling)]</c>, or <c>[batch.TokenCount, width]</c> for
    /// <see cref="PoolingKind.None"/>. Undefined when an exception leaves.
    /// </param>
    /// <exception cref="ArgumentException">The batch breaks the limits or the output has another length.</exception>
    /// <exception cref="GenerationException">The engine failed; the session stays usable.</exception>
    void Embed(EmbeddingBatch batch, PoolingKind pooling, Span<float> output);
}
