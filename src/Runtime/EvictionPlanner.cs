namespace ModelRunner.Runtime;

/// <summary>Decides which idle models make room for a load. Pure.</summary>
internal static class EvictionPlanner
{
    /// <summary>Those used longest ago, as few as make enough room.</summary>
    /// <param name="neededBytes">What must be free.</param>
    /// <param name="freeBytes">What is free; negative when more is charged than there is.</param>
    /// <param name="idle">Models that nobody uses, with their sizes and the times of their last use, in any order.</param>
    /// <returns>The models to evict, possibly none; null when all of them are not enough.</returns>
    public static IReadOnlyList<T>? Choose<T>(
        long neededBytes,
        long freeBytes,
        IEnumerable<(T Model, long SizeInBytes, long LastUsed)> idle)
    {
        var chosen = new List<T>();
        foreach (var (model, size, _) in idle.OrderBy(entry => entry.LastUsed))
        {
            if (freeBytes >= neededBytes) break;
            chosen.Add(model);
            freeBytes += size;
        }

        return freeBytes >= neededBytes ? chosen : null;
    }
}
