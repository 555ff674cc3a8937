using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;
using ModelRunner.Runtime;
using ModelRunner.Server.Endpoints;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Models;

/// <summary>The models in Docker Model Runner's native form: those of the store, and those that are used where they stand.</summary>
internal sealed class ModelListing(ContentStore store, ModelRuntime runtime)
{
    public IReadOnlyList<StoredModelInfo> List()
    {
        var stored = store.List();
        var keys = stored.SelectMany(model => model.Tags).Select(ModelName.GetKey).ToHashSet(StringComparer.Ordinal);
        var ids = stored.Select(model => model.Id.ToString()).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. stored.Select(ToWire),
            .. runtime.Catalog.List().Where(bundle => !keys.Contains(ModelName.GetKey(bundle.Name)) && !ids.Contains(bundle.Name)).Select(ToWire),
        ];
    }

    /// <summary>The model, or null.</summary>
    public StoredModelInfo? Find(string name) =>
        store.Find(name) is { } model ? ToWire(model)
        : runtime.Catalog.Find(new ModelReference(name)) is { } bundle ? ToWire(bundle)
        : null;

    public static StoredModelInfo ToWire(StoredModel model) =>
        new(model.Id.ToString(), model.Tags.Count > 0 ? model.Tags : null, model.CreatedAt.ToUnixTimeSeconds(), ToWire(model.Config));

    private static StoredModelInfo ToWire(ModelBundle bundle)
    {
        var facts = ModelMapper.ToDmr(bundle);
        return new(ModelName.GetId(bundle.Name), [bundle.Name], bundle.CreatedAt.ToUnixTimeSeconds(), new StoredModelConfig
        {
            Format = bundle.Formats.HasFlag(ModelFormat.Gguf) ? "gguf" : bundle.Formats.HasFlag(ModelFormat.OnnxGenAi) ? "onnx" : bundle.OtherFormat,
            Architecture = facts.Architecture,
            Parameters = facts.Parameters,
            Quantization = facts.Quantization,
            Size = facts.Size,
        })
        { InPlace = true };
    }

    private static StoredModelConfig ToWire(ModelConfig config) => new()
    {
        Format = config.Format,
        Quantization = config.Quantization,
        Parameters = config.Parameters,
        Architecture = config.Architecture,
        Size = config.Size,
        Gguf = config.Gguf,
        ContextSize = config.ContextSize,
    };
}
