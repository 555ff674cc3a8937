using ModelRunner.Gguf;

namespace ModelRunner.Export;

/// <summary>What <see cref="RandomModel"/> writes. Equal options give equal bytes.</summary>
public sealed record RandomModelOptions
{
    public ModelShape Shape { get; init; } = ModelShape.Tiny;

    public int Seed { get; init; } = 1;

    public string Name { get; init; } = "random";

    /// <summary>llama, qwen2 (with biases), qwen3 (with query and key norms) or smollm3 (some layers without positions).</summary>
    public string Architecture { get; init; } = "llama";

    public RopeScaling RopeScaling { get; init; }

    /// <summary>Of the norms' weights from one.</summary>
    public float NormDeviation { get; init; }

    /// <summary>Of the matrices in the layers: F32, F16, Q8_0 or Q4_0.</summary>
    public GgufTensorType WeightType { get; init; } = GgufTensorType.F32;

    /// <summary>Of the embedding and output matrices; null takes <see cref="WeightType"/>.</summary>
    public GgufTensorType? EmbeddingType { get; init; }

    public VocabularyKind Vocabulary { get; init; } = VocabularyKind.ByteLevel;

    /// <summary>The pre-tokenizer's name for a byte-level vocabulary.</summary>
    public string PreTokenizer { get; init; } = "smollm";

    /// <summary>A Jinja template, or null for none.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>llama.cpp's number, or null for none stated.</summary>
    public int? PoolingType { get; init; }
}
