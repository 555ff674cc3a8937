using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;

namespace ModelRunner.Runtime;

// Who stays, who goes, and what fits. The private methods that do not wait need the lock.
public sealed partial class ModelRuntime
{
    // A timer holds less than two months; what stays longer is looked at in between.
    private static readonly TimeSpan MaxTimerWait = TimeSpan.FromDays(1);

    /// <summary>Unloads models that nobody uses.</summary>
    /// <param name="engineName">Only of this engine; null for every one.</param>
    /// <param name="modelNames">Only these, in any spelling; null for all.</param>
    /// <returns>How many were unloaded, once their memory is free.</returns>
    public async Task<int> UnloadAsync(string? engineName, IReadOnlyCollection<string>? modelNames)
    {
        var keys = modelNames?.Select(ModelName.GetKey).ToHashSet(StringComparer.Ordinal);
        List<ResidentModel> chosen;
        lock (_lock)
        {
            chosen = [.. _residents.Values.Where(resident =>
                resident.IsIdle
                && (engineName is null || resident.Engine.Name == engineName)
                && (keys is null || keys.Contains(ModelName.GetKey(resident.Bundle.Name))))];
            chosen.ForEach(Retire);
        }

        await Task.WhenAll(chosen.Select(resident => resident.Unload!));
        return chosen.Count;
    }

    /// <summary>
    /// Charges the budget with a load. Idle models make room, and their memory is free when this returns; models that
    /// are in use or loading stay.
    /// </summary>
    /// <exception cref="Abstractions.Errors.InsufficientMemoryException">It does not fit beside those.</exception>
    private async Task ReserveAsync(ResidentModel resident, MemoryEstimate estimate)
    {
        var isPlaced = false;
        while (!isPlaced)
        {
            Task waiting;
            lock (_lock)
            {
                var evicted = TryPlace(resident, estimate.TotalInBytes, out var free);
                isPlaced = evicted is not null;
                waiting = evicted is not null
                    ? Task.WhenAll(evicted.Select(other => other.Unload!))
                    : NextToLeave() ?? throw TooLarge(resident.Bundle, estimate, free);
            }

            await waiting.WaitAsync(_shutdown.Token);
        }
    }

    /// <summary>Charges the budget where the load fits, with or without evictions; null where it does not.</summary>
    private IReadOnlyList<ResidentModel>? TryPlace(ResidentModel resident, long sizeInBytes, out long free)
    {
        free = _options.MemoryBudgetInBytes - _residents.Values.Concat(_leaving).Sum(other => other.SizeInBytes);
        var evicted = EvictionPlanner.Choose(
            sizeInBytes,
            free,
            _residents.Values.Where(other => other.IsIdle).Select(other => (other, other.SizeInBytes, other.LastUsedTimestamp)));
        if (evicted is null) return null;
        foreach (var other in evicted)
        {
            Log.Evicting(_logger, other.Bundle.Name, resident.Bundle.Name);
            Retire(other);
        }

        resident.SizeInBytes = sizeInBytes;
        return evicted;
    }

    /// <summary>The end of whichever model leaves first; null when there is none. Nobody waits for one that hangs.</summary>
    private Task<Task>? NextToLeave()
    {
        var leaving = _leaving.Where(other => other.IsHealthy).Select(other => other.Unload!).ToList();
        return leaving.Count == 0 ? null : Task.WhenAny(leaving);
    }

    private Abstractions.Errors.InsufficientMemoryException TooLarge(ModelBundle bundle, MemoryEstimate estimate, long free)
    {
        var others = _residents.Values.Where(other => other.SizeInBytes > 0).Select(other => other.Bundle.Name).ToList();
        return new(
            $"The model '{bundle.Name}' needs {Mebibytes(estimate.TotalInBytes)} ({Mebibytes(estimate.WeightsInBytes)} for "
            + $"weights, {Mebibytes(estimate.KvCacheInBytes)} for the KV cache, {Mebibytes(estimate.ComputeInBytes)} to compute), "
            + $"and {Mebibytes(Math.Max(free, 0))} of the {Mebibytes(_options.MemoryBudgetInBytes)} that models may take are free."
            + (others.Count > 0 ? $" Loaded: {string.Join(", ", others)}." : " A shorter context or fewer parallel sequences need less."))
        {
            IsPermanent = estimate.TotalInBytes > _options.MemoryBudgetInBytes,
        };
    }

    private static string Mebibytes(long bytes) => $"{(bytes + (1 << 20) - 1) >> 20} MiB";

    /// <summary>A load that all its callers gave up on is idle from its end on, and nobody is there to leave it.</summary>
    private async Task ScheduleWhenLoadedAsync(ResidentModel resident)
    {
        await ((Task)resident.Load).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock) ScheduleUnload();
    }

    private void Touch(ResidentModel resident)
    {
        resident.LastUsedTimestamp = _time.GetTimestamp();
        resident.LastUsed = _time.GetUtcNow();
        if (resident.UserCount == 0) ScheduleUnload();
    }

    private void UnloadIdle()
    {
        lock (_lock)
        {
            foreach (var resident in _residents.Values.Where(IsOverdue).ToList())
            {
                Log.UnloadingIdle(_logger, resident.Bundle.Name, resident.KeepAlive);
                Retire(resident);
            }

            ScheduleUnload();
        }
    }

    private bool IsOverdue(ResidentModel resident) =>
        resident.IsIdle && TimeLeft(resident) is { } left && left <= TimeSpan.Zero;

    // Null for one that stays for ever.
    private TimeSpan? TimeLeft(ResidentModel resident) => resident.KeepAlive < TimeSpan.Zero
        ? null
        : resident.KeepAlive - _time.GetElapsedTime(resident.LastUsedTimestamp);

    private void ScheduleUnload()
    {
        if (_isDisposed) return;
        var next = _residents.Values.Where(resident => resident.IsIdle).Min(TimeLeft);
        if (next is not { } left) return;
        var wait = left < TimeSpan.Zero ? TimeSpan.Zero : left < MaxTimerWait ? left : MaxTimerWait;
        _idleTimer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes a model away from further requests and begins its disposal, with whatever it does.</summary>
    private void Retire(ResidentModel resident)
    {
        _residents.Remove(ResidentKey.Of(resident.Engine, resident.Bundle));
        _leaving.Add(resident);
        resident.Unload = Task.Run(() => DisposeAsync(resident));
    }

    /// <summary>A load failed: nothing of it is in memory.</summary>
    private void Forget(ResidentModel resident)
    {
        resident.SizeInBytes = 0;
        var key = ResidentKey.Of(resident.Engine, resident.Bundle);
        if (_residents.GetValueOrDefault(key) == resident) _residents.Remove(key);
    }

    private async Task DisposeAsync(ResidentModel resident)
    {
        try
        {
            // A failed load was told to those who waited for it, and has nothing to dispose.
            await ((Task)resident.Load).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (resident.IsLoaded) await (await resident.Load).DisposeAsync();
            Log.Unloaded(_logger, resident.Bundle.Name, resident.Engine.Name);
        }
#pragma warning disable CA1031 // Whatever an engine throws here, the model is gone for its users, and the others go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.UnloadFailed(_logger, exception, resident.Bundle.Name, resident.Engine.Name);
        }
        finally
        {
            lock (_lock) _leaving.Remove(resident);
        }
    }
}
