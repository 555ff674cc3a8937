namespace ModelRunner.Engines.Onnx.Config;

/// <summary>What a <c>genai_config.json</c> says, with ONNX Runtime GenAI's defaults where it says nothing. Immutable.</summary>
internal sealed record GenAiConfig
{
    /// <summary>The architecture's name, for example <c>llama</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Entries in one row of logits; 0 when not said.</summary>
    public int VocabularySize { get; init; }

    /// <summary>Tokens that the model was trained for; 0 when not said.</summary>
    public int ContextLength { get; init; }

    /// <summary>The token that a sequence begins with; null when not said.</summary>
    public int? BeginOfSequence { get; init; }

    /// <summary>The tokens that end a generation, the main one first.</summary>
    public IReadOnlyList<int> EndOfSequence { get; init; } = [];

    /// <summary>The token that fills up batches; null when not said.</summary>
    public int? Padding { get; init; }

    /// <summary>File name of the decoder's graph.</summary>
    public string FileName { get; init; } = "model.onnx";

    /// <summary>Sub folder of the tokenizer; empty for the folder itself.</summary>
    public string TokenizerFolder { get; init; } = "";

    /// <summary>Width of the hidden state; 0 when not said.</summary>
    public int HiddenSize { get; init; }

    /// <summary>Key and value heads, where the graph does not say; 0 when not said either.</summary>
    public int KvHeadCount { get; init; }

    /// <summary>Width of a head, where the graph does not say; 0 when not said either.</summary>
    public int HeadSize { get; init; }

    /// <summary>Names of the graph's inputs and outputs.</summary>
    public GraphNames Names { get; init; } = new();

    /// <summary>Accelerators in the order of preference; empty for the CPU.</summary>
    public IReadOnlyList<ProviderConfig> Providers { get; init; } = [];

    /// <summary>Settings of ONNX Runtime's session that a folder may make, by their keys.</summary>
    public IReadOnlyDictionary<string, string> SessionEntries { get; init; } = new Dictionary<string, string>();

    /// <summary>Level of graph optimisation; null when not said.</summary>
    public string? OptimizationLevel { get; init; }
}
