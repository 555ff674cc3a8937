using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Testing;

/// <summary>Loads scripted models in the place of files of one format.</summary>
/// <param name="format">The format.</param>
/// <param name="load">Makes the model of a bundle.</param>
public sealed class ScriptedTextLoader(ModelFormat format, Func<ModelBundle, ScriptedTextModel> load) : ITokenModelLoader
{
    public ModelFormat Format => format;

    public EngineStatus Status { get; } = new(true, "1", ["CPU"], null);

    public MemoryEstimate Estimate(ModelBundle bundle, ModelLoadOptions options) => default;

    public ITokenModel Load(ModelBundle bundle, ModelLoadOptions options, IProgress<float>? progress, CancellationToken cancellationToken) =>
        load(bundle);
}
