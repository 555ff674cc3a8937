using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Runtime.Tests;

/// <summary>Three GGUF models, a GenAI folder, and both formats in one.</summary>
internal sealed class ListCatalog : IModelCatalog
{
    private readonly ModelBundle[] _bundles =
    [
        new() { Name = "gguf", Formats = ModelFormat.Gguf, GgufPath = "/a.gguf" },
        new() { Name = "onnx", Formats = ModelFormat.OnnxGenAi, OnnxFolder = "/b" },
        new() { Name = "second", Formats = ModelFormat.Gguf, GgufPath = "/d.gguf" },
        new() { Name = "third", Formats = ModelFormat.Gguf, GgufPath = "/e.gguf" },
        new() { Name = "both", Formats = ModelFormat.Gguf | ModelFormat.OnnxGenAi, GgufPath = "/c/c.gguf", OnnxFolder = "/c" },
    ];

    public IReadOnlyList<ModelBundle> List() => _bundles;

    public ModelBundle? Find(ModelReference reference) => Array.Find(_bundles, bundle => bundle.Name == reference.Name);
}
