using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Runtime;

/// <summary>A model that is loaded or loading, and who uses it.</summary>
internal sealed class ResidentModel(IInferenceEngine engine, ModelBundle bundle)
{
    private int _userCount;

    public IInferenceEngine Engine => engine;

    public ModelBundle Bundle => bundle;

    /// <summary>The load. Set once, before the entry is seen by others.</summary>
    public required Task<IEngineModel> Load { get; init; }

    /// <summary>Whether the load ended without a model.</summary>
    public bool HasFailed => Load is { IsCompleted: true, IsCompletedSuccessfully: false };

    /// <summary>Those who hold a lease or wait for the load.</summary>
    public int UserCount => Volatile.Read(ref _userCount);

    public void Enter() => Interlocked.Increment(ref _userCount);

    public void Leave() => Interlocked.Decrement(ref _userCount);
}
