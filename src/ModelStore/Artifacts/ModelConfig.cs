namespace ModelRunner.ModelStore.Artifacts;

/// <summary>What an artifact says about its model, as Docker Model Runner writes it.</summary>
public sealed record ModelConfig
{
    /// <summary><c>gguf</c>, <c>onnx</c>, <c>safetensors</c>, or empty.</summary>
    public string? Format { get; init; }

    public string? Quantization { get; init; }

    /// <summary>Such as <c>361.82 M</c>.</summary>
    public string? Parameters { get; init; }

    public string? Architecture { get; init; }

    /// <summary>Such as <c>256.35 MiB</c>.</summary>
    public string? Size { get; init; }

    /// <summary>The metadata of the GGUF file, as text.</summary>
    public IReadOnlyDictionary<string, string>? Gguf { get; init; }

    /// <summary>Tokens of a sequence, where the packager chose them.</summary>
    public int? ContextSize { get; init; }
}
