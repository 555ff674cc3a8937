namespace ModelRunner.Abstractions.Engines;

/// <summary>Facts about a loaded model. Immutable.</summary>
public sealed record ModelInfo
{
    /// <summary>The catalog's name.</summary>
    public required string Name { get; init; }

    /// <summary>The architecture's name in its format, for example <c>llama</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The format it was loaded from.</summary>
    public required ModelFormat Format { get; init; }

    /// <summary>Number of weights.</summary>
    public long ParameterCount { get; init; }

    /// <summary>Bytes of the weights.</summary>
    public long SizeInBytes { get; init; }

    /// <summary>The storage type of most weights, for example <c>Q4_0</c>.</summary>
    public string Quantization { get; init; } = "";

    /// <summary>Tokens that the model was trained for.</summary>
    public int TrainedContextLength { get; init; }

    /// <summary>Tokens that one sequence may have as the model is loaded; 0 when it generates nothing.</summary>
    public int ContextLength { get; init; }

    /// <summary>Width of the hidden state, which is the length of an embedding.</summary>
    public int EmbeddingLength { get; init; }

    /// <summary>Entries in one row of logits.</summary>
    public int VocabularySize { get; init; }

    /// <summary>True when the model generates text; false for pure encoders.</summary>
    public bool IsGenerative { get; init; } = true;

    /// <summary>The pooling that the model's own metadata asks for.</summary>
    public Tokens.PoolingKind Pooling { get; init; } = Tokens.PoolingKind.None;

    /// <summary>Chat templates by name; the empty name is the default one. Empty for a base model.</summary>
    public IReadOnlyDictionary<string, string> ChatTemplates { get; init; } = new Dictionary<string, string>();

    /// <summary>JSON of what the model says about how its answers are written (transformers' <c>response_template</c>); null for nothing.</summary>
    public string? ResponseTemplate { get; init; }
}
