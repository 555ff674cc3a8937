using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Abstractions.Tokens;

/// <summary>Settings of a decode session. Zero lets the engine choose; what it chose stands in the limits.</summary>
public sealed record SessionOptions
{
    /// <summary>Sequences with KV at the same time, the idle ones that keep a prefix included.</summary>
    public int MaxSequences { get; init; }

    /// <summary>Tokens of one sequence at most.</summary>
    public int MaxSequenceLength { get; init; }

    /// <summary>Tokens of the pool, where the layout is pooled.</summary>
    public int PoolTokenCount { get; init; }

    /// <summary>Tokens of one step at most.</summary>
    public int MaxBatchTokens { get; init; }

    /// <summary>Compute threads.</summary>
    public int ThreadCount { get; init; }

    /// <summary>Storage type of the KV cache.</summary>
    public KvCacheType KvCacheType { get; init; } = KvCacheType.Auto;

    /// <summary>How sequences share the KV cache.</summary>
    public KvCacheLayout KvCacheLayout { get; init; } = KvCacheLayout.Auto;

    /// <summary>Flash attention; null lets the engine choose.</summary>
    public bool? FlashAttention { get; init; }

    /// <summary>Results that do not depend on the batch, as far as the engine can.</summary>
    public bool Deterministic { get; init; }

    /// <summary>The settings of a load that concern its session.</summary>
    public static SessionOptions From(ModelLoadOptions options) => new()
    {
        MaxSequences = options.MaxSequences,
        MaxSequenceLength = options.ContextLength,
        ThreadCount = options.ThreadCount,
        KvCacheType = options.KvCacheType,
        KvCacheLayout = options.KvCacheLayout,
        FlashAttention = options.FlashAttention,
        Deterministic = options.Deterministic,
    };
}
