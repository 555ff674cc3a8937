using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Runtime;

/// <summary>
/// What makes two requests share a loaded model. The files belong to it: a name whose files were replaced by others is
/// another model.
/// </summary>
internal readonly record struct ResidentKey(string EngineName, string ModelName, string? GgufPath, string? OnnxFolder)
{
    public static ResidentKey Of(IInferenceEngine engine, ModelBundle bundle) =>
        new(engine.Name, bundle.Name, bundle.GgufPath, bundle.OnnxFolder);
}
