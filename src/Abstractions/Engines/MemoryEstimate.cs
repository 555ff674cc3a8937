namespace ModelRunner.Abstractions.Engines;

/// <summary>An upper bound of a load's memory, in bytes.</summary>
/// <param name="WeightsInBytes">The weights as they will stand in memory.</param>
/// <param name="KvCacheInBytes">The KV cache at full length of all sequences.</param>
/// <param name="ComputeInBytes">Scratch buffers of the engine.</param>
public readonly record struct MemoryEstimate(long WeightsInBytes, long KvCacheInBytes, long ComputeInBytes)
{
    /// <summary>All of it.</summary>
    public long TotalInBytes => WeightsInBytes + KvCacheInBytes + ComputeInBytes;
}
