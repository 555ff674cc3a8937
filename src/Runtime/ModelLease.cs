using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Runtime;

/// <summary>The right to use a loaded model. While it is held, the model stays loaded. Dispose it exactly when done.</summary>
public sealed class ModelLease : IDisposable
{
    private readonly ModelRuntime _runtime;
    private ResidentModel? _resident;

    internal ModelLease(ModelRuntime runtime, ResidentModel resident, IEngineModel model)
    {
        _runtime = runtime;
        _resident = resident;
        Model = model;
        Bundle = resident.Bundle;
        EngineName = resident.Engine.Name;
    }

    /// <summary>The model. Not to be disposed by the holder.</summary>
    public IEngineModel Model { get; }

    /// <summary>The files that it was loaded from.</summary>
    public ModelBundle Bundle { get; }

    /// <summary>The engine that runs it.</summary>
    public string EngineName { get; }

    /// <summary>Gives the model back. Further calls do nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _resident, null) is { } resident) _runtime.Leave(resident);
    }
}
