using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Runtime;

/// <summary>
/// A model that is loaded or loading, and who uses it. All but <see cref="Report"/> is guarded by the runtime's lock.
/// </summary>
internal sealed class ResidentModel(IInferenceEngine engine, ModelBundle bundle, ModelSettings settings) : IProgress<float>
{
    private float _progress;

    public IInferenceEngine Engine => engine;

    public ModelBundle Bundle => bundle;

    public ModelSettings Settings => settings;

    /// <summary>The load. Set once, before the entry is seen by others.</summary>
    public Task<IEngineModel> Load { get; set; } = null!;

    /// <summary>The end of its disposal; null while it is resident.</summary>
    public Task? Unload { get; set; }

    /// <summary>Those who hold a lease or wait for the load.</summary>
    public int UserCount { get; set; }

    /// <summary>What the memory budget is charged with; 0 until the load has its place.</summary>
    public long SizeInBytes { get; set; }

    /// <summary>When the last user left, by the clock that only goes forward.</summary>
    public long LastUsedTimestamp { get; set; }

    /// <summary>The same for people.</summary>
    public DateTimeOffset LastUsed { get; set; }

    /// <summary>The last one that a request asked for, else the setting.</summary>
    public TimeSpan KeepAlive { get; set; } = settings.KeepAlive;

    public bool IsLoaded => Load.IsCompletedSuccessfully;

    /// <summary>Loaded, and nobody uses it.</summary>
    public bool IsIdle => IsLoaded && UserCount == 0;

    /// <summary>False when it is loaded and makes no progress.</summary>
    public bool IsHealthy => !IsLoaded || Load.Result.IsHealthy;

    /// <summary>Whether it is loaded and new requests should go elsewhere.</summary>
    public bool IsStalled => IsLoaded && Load.Result.IsStalled;

    public void Report(float value) => Volatile.Write(ref _progress, Math.Clamp(value, 0, 1));

    public ResidentSnapshot ToSnapshot()
    {
        var info = IsLoaded ? Load.Result.Info : null;
        return new(
            engine.Name,
            bundle.Name,
            !IsLoaded,
            IsLoaded ? 1 : Volatile.Read(ref _progress),
            UserCount,
            LastUsed,
            KeepAlive,
            SizeInBytes,
            info?.ContextLength ?? 0,
            info?.IsGenerative ?? true,
            !IsStalled,
            IsLoaded ? Load.Result.Activity : default);
    }
}
