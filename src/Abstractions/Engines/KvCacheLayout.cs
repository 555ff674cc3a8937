namespace ModelRunner.Abstractions.Engines;

/// <summary>How sequences share the memory of the KV cache.</summary>
public enum KvCacheLayout
{
    /// <summary>The engine's choice.</summary>
    Auto,

    /// <summary>Each sequence has its own region of the full length: fastest attention, most memory.</summary>
    PerSequence,

    /// <summary>All sequences draw tokens from one pool: least memory, shared prefixes are stored once.</summary>
    Pooled,
}
