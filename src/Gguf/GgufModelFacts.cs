namespace ModelRunner.Gguf;

/// <summary>What a model says about itself, for listings and for memory estimates; null where it does not say.</summary>
public sealed record GgufModelFacts
{
    /// <summary><c>general.architecture</c>, such as <c>llama</c>.</summary>
    public required string Architecture { get; init; }

    public string? Name { get; init; }

    /// <summary>Elements of all tensors.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Bytes of all tensors, without padding.</summary>
    public required long WeightsSizeInBytes { get; init; }

    /// <summary>As people write it, such as <c>Q4_K_M</c> or <c>F16</c>; empty where there are no tensors.</summary>
    public required string Quantization { get; init; }

    /// <summary>Tokens that the model was trained for.</summary>
    public long? ContextLength { get; init; }

    public long? EmbeddingLength { get; init; }

    public long? LayerCount { get; init; }

    /// <summary>The largest of all layers.</summary>
    public long? HeadCount { get; init; }

    /// <summary>The largest of all layers.</summary>
    public long? KvHeadCount { get; init; }

    /// <summary>Elements of one key of one head.</summary>
    public long? KeyLength { get; init; }

    /// <summary>Elements of one value of one head.</summary>
    public long? ValueLength { get; init; }

    /// <summary>Tokens; 0 where there is no token list.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The default template, or null.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The further templates by name, such as <c>tool_use</c>.</summary>
    public required IReadOnlyDictionary<string, string> NamedChatTemplates { get; init; }

    /// <summary>llama.cpp's number: 0 none, 1 mean, 2 first (CLS), 3 last, 4 rank.</summary>
    public long? PoolingType { get; init; }

    /// <summary>Reads the facts of a file.</summary>
    /// <exception cref="GgufException">The architecture is missing, or a value has the wrong type.</exception>
    public static GgufModelFacts From(GgufFile file)
    {
        var metadata = file.Metadata;
        var architecture = metadata.GetText("general.architecture")
            ?? throw new GgufException("'general.architecture' is missing");
        var width = metadata.GetInteger($"{architecture}.embedding_length");
        var heads = Largest(metadata, $"{architecture}.attention.head_count");
        var headLength = heads > 0 ? width / heads : null;
        return new GgufModelFacts
        {
            Architecture = architecture,
            Name = metadata.GetText("general.name"),
            ParameterCount = file.Tensors.Sum(tensor => tensor.ElementCount),
            WeightsSizeInBytes = file.Tensors.Sum(tensor => tensor.SizeInBytes),
            Quantization = GgufFileTypes.Describe(file),
            ContextLength = metadata.GetInteger($"{architecture}.context_length"),
            EmbeddingLength = width,
            LayerCount = metadata.GetInteger($"{architecture}.block_count"),
            HeadCount = heads,
            KvHeadCount = Largest(metadata, $"{architecture}.attention.head_count_kv") ?? heads,
            KeyLength = metadata.GetInteger($"{architecture}.attention.key_length") ?? headLength,
            ValueLength = metadata.GetInteger($"{architecture}.attention.value_length") ?? headLength,
            VocabularySize = metadata.GetArray("tokenizer.ggml.tokens")?.Count ?? 0,
            ChatTemplate = metadata.GetText("tokenizer.chat_template"),
            NamedChatTemplates = ReadNamedTemplates(metadata),
            PoolingType = metadata.GetInteger($"{architecture}.pooling_type"),
        };
    }

    private static long? Largest(GgufMetadata metadata, string key)
    {
        if (!metadata.TryGet(key, out var value) || value.Array is not { } array)
            return metadata.GetInteger(key);
        if (!array.ElementType.IsInteger() || array.Count == 0)
            throw GgufMetadata.WrongType(key, value, "integers");
        var largest = long.MinValue;
        for (var i = 0; i < array.Count; i++)
            largest = Math.Max(largest, array.GetInteger(i));
        return largest;
    }

    private static Dictionary<string, string> ReadNamedTemplates(GgufMetadata metadata)
    {
        const string prefix = "tokenizer.chat_template.";
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in metadata.Entries)
            if (key.StartsWith(prefix, StringComparison.Ordinal) && value.TryGetText(out var text))
                templates[key[prefix.Length..]] = text;
        return templates;
    }
}
