using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Runtime.Tests;

/// <summary>A model that can nothing, and counts its disposals.</summary>
internal sealed class EmptyModel : IEngineModel
{
    public int DisposeCount { get; private set; }

    public ModelInfo Info { get; } = new() { Name = "m", Architecture = "empty", Format = ModelFormat.Gguf };

    public bool IsHealthy => true;

    public ValueTask DisposeAsync()
    {
        DisposeCount++;
        return ValueTask.CompletedTask;
    }
}
