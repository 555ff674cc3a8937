namespace ModelRunner.Abstractions.Engines;

/// <summary>Settings of one load. Zero means that the engine chooses for this machine and model.</summary>
public sealed record ModelLoadOptions
{
    /// <summary>Every setting at its default.</summary>
    public static ModelLoadOptions Default { get; } = new();

    /// <summary>Tokens that one sequence may hold; 0 chooses from the model's own length, bounded for this machine.</summary>
    public int ContextLength { get; init; }

    /// <summary>Sequences that decode at the same time; 0 chooses.</summary>
    public int MaxSequences { get; init; }

    /// <summary>Compute threads; 0 chooses from the cores.</summary>
    public int ThreadCount { get; init; }

    /// <summary>Storage type of the KV cache.</summary>
    public KvCacheType KvCacheType { get; init; } = KvCacheType.Auto;

    /// <summary>How sequences share the memory of the KV cache.</summary>
    public KvCacheLayout KvCacheLayout { get; init; } = KvCacheLayout.Auto;

    /// <summary>Layers on the GPU; -1 is all that fit, 0 none.</summary>
    public int GpuLayerCount { get; init; } = -1;

    /// <summary>Flash attention; null lets the engine choose.</summary>
    public bool? FlashAttention { get; init; }

    /// <summary>
    /// Prefer results that do not depend on what else is in the batch: flash attention off and KV in F32 where
    /// the engine needs that for it. Slower.
    /// </summary>
    public bool Deterministic { get; init; }
}
