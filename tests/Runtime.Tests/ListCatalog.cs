using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Runtime.Tests;

/// <summary>Three models: a GGUF, a GenAI folder, and both in one.</summary>
internal sealed class ListCatalog : IModelCatalog
{
    private readonly ModelBundle[] _bundles =
    [
        new() { Name = "gguf", Formats = ModelFormat.Gguf, GgufPath = "/a.gguf" },
        new() { Name = "onnx", Formats = ModelFormat.OnnxGenAi, OnnxFolder = "/b" },
        new() { Name = "both", Formats = ModelFormat.Gguf | ModelFormat.OnnxGenAi, GgufPath = "/c/c.gguf", OnnxFolder = "/c" },
    ];

    public IReadOnlyList<ModelBundle> List() => _bundles;

    public ModelBundle? Find(ModelReference reference) => Array.Find(_bundles, bundle => bundle.Name == reference.Name);
}
