using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Server.Tests.Scripted;

/// <summary>An engine of one format whose models follow a script.</summary>
internal sealed class ScriptedEngine(string name, ModelFormat format, Script script) : IInferenceEngine
{
    public string Name => name;

    public EngineStatus Status { get; } = new(true, "1", ["CPU"], null);

    public bool CanServe(ModelBundle bundle) => (bundle.Formats & format) != 0;

    public MemoryEstimate EstimateMemory(ModelBundle bundle, ModelLoadOptions options) => default;

    public Task<IEngineModel> LoadAsync(
        ModelBundle bundle,
        ModelLoadOptions options,
        IProgress<float>? progress,
        CancellationToken cancellationToken) =>
        script.LoadFailure is { } failure
            ? Task.FromException<IEngineModel>(failure)
            : Task.FromResult<IEngineModel>(new ScriptedModel(bundle.Name, format, script));
}
