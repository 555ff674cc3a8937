using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Runtime.Tests;

/// <summary>A model that can nothing, and counts its disposals.</summary>
internal sealed class EmptyModel : IEngineModel
{
    public int DisposeCount { get; private set; }

    /// <summary>What a disposal waits for.</summary>
    public Task DisposeGate { get; set; } = Task.CompletedTask;

    public ModelInfo Info { get; } = new() { Name = "m", Architecture = "empty", Format = ModelFormat.Gguf };

    public bool IsHealthy { get; set; } = true;

    public ValueTask DisposeAsync()
    {
        DisposeCount++;
        return new ValueTask(DisposeGate);
    }
}
