namespace ModelRunner.Abstractions.Tokens;

/// <summary>Settings of an embedding session. Zero lets the engine choose.</summary>
public sealed record EmbeddingOptions
{
    /// <summary>Inputs of one batch at most.</summary>
    public int MaxSequences { get; init; }

    /// <summary>Tokens of one batch, and so of one input, at most.</summary>
    public int MaxBatchTokens { get; init; }

    /// <summary>Compute threads.</summary>
    public int ThreadCount { get; init; }
}
