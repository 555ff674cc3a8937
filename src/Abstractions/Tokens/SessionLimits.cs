namespace ModelRunner.Abstractions.Tokens;

/// <summary>What a session can do. Immutable.</summary>
public sealed record SessionLimits
{
    /// <summary>Valid sequence ids are [0, MaxSequences).</summary>
    public required int MaxSequences { get; init; }

    /// <summary>Tokens of one <see cref="DecodeBatch"/> at most.</summary>
    public required int MaxBatchTokens { get; init; }

    /// <summary>Tokens that one sequence may hold: prompt and output.</summary>
    public required int MaxSequenceLength { get; init; }

    /// <summary>Where tokens go.</summary>
    public required KvLayout KvLayout { get; init; }

    /// <summary>Whether and how a prefix can be copied between sequences.</summary>
    public required PrefixCopy PrefixCopy { get; init; }

    /// <summary>Whether a sequence can be cut to a shorter length. A whole one can always be released.</summary>
    public required bool CanTruncate { get; init; }

    /// <summary>Tokens of a prefill chunk at which throughput is best.</summary>
    public required int PreferredChunk { get; init; }

    /// <summary>
    /// Tokens of a prefill chunk that the kernels compute together: the last one that fills such a group costs next to
    /// nothing. 1 where they do not, or where decode rows fill the groups of a chunk.
    /// </summary>
    public int TokenGroup { get; init; } = 1;

    /// <summary>
    /// The planner never leaves or re-runs fewer tokens of a longer prompt than this: 2 where the path for a single
    /// token computes differently (ONNX), otherwise 1.
    /// </summary>
    public int MinContinuation { get; init; } = 1;

    /// <summary>Whether several sequences may have several tokens each in one launch; where not, the engine splits.</summary>
    public bool BatchesMultiToken { get; init; } = true;
}
