using ModelRunner.Gguf;

namespace ModelRunner.Export.GenAi;

/// <summary>The sizes of a GGUF decoder that can be converted.</summary>
internal sealed record DecoderShape
{
    /// <summary>GroupQueryAttention rotates heads of whole multiples only; shorter ones are filled up with zeros.</summary>
    private const int HeadUnit = 16;

    /// <summary>
    /// The architectures, and whether rotary pairs are neighbours (llama.cpp: LLAMA_ROPE_TYPE_NORM) rather than half a
    /// head apart (LLAMA_ROPE_TYPE_NEOX).
    /// </summary>
    private static readonly Dictionary<string, bool> HasNeighbourPairs = new(StringComparer.Ordinal)
    {
        ["llama"] = true,
        ["qwen2"] = false,
        ["qwen3"] = false,
        ["smollm3"] = true,
    };

    public required string Architecture { get; init; }

    public required int LayerCount { get; init; }

    public required int Width { get; init; }

    public required int HeadCount { get; init; }

    public required int KvHeadCount { get; init; }

    /// <summary>Elements of a head in the GGUF.</summary>
    public required int HeadLength { get; init; }

    /// <summary>Elements of a head that are rotated.</summary>
    public required int RotaryLength { get; init; }

    /// <summary>Tokens that the model was trained for.</summary>
    public required int ContextLength { get; init; }

    public required int VocabularySize { get; init; }

    public required float Epsilon { get; init; }

    public required bool PairsAreNeighbours { get; init; }

    /// <summary>Elements of a head in the graph.</summary>
    public int PaddedHeadLength => (HeadLength + HeadUnit - 1) / HeadUnit * HeadUnit;

    /// <summary>SmolLM3 leaves positions out of every fourth layer (llama.cpp: n_no_rope_layer_step).</summary>
    public bool RotatesIn(int layer) => Architecture != "smollm3" || (layer + 1) % 4 != 0;

    /// <summary>Reads the sizes of a file that has passed <see cref="GgufModelValidator"/>.</summary>
    /// <exception cref="ConversionException">Names what cannot be converted.</exception>
    public static DecoderShape From(GgufFile file)
    {
        var metadata = file.Metadata;
        var facts = GgufModelFacts.From(file);
        var architecture = facts.Architecture;
        if (!HasNeighbourPairs.TryGetValue(architecture, out var areNeighbours))
            throw new ConversionException($"the architecture '{architecture}' cannot be converted: "
                + $"{string.Join(", ", HasNeighbourPairs.Keys)} can");
        Refuse(metadata, $"{architecture}.expert_count", "a mixture of experts");
        Refuse(metadata, $"{architecture}.attention.sliding_window", "a sliding window");
        Refuse(metadata, $"{architecture}.pooling_type", "a pooled embedding model");
        if (facts.KeyLength != facts.ValueLength)
            throw new ConversionException($"'{architecture}.attention.value_length' is {facts.ValueLength}, "
                + $"keys have {facts.KeyLength}: heads of two lengths cannot be converted");

        return new DecoderShape
        {
            Architecture = architecture,
            LayerCount = (int)facts.LayerCount!,
            Width = (int)facts.EmbeddingLength!,
            HeadCount = (int)facts.HeadCount!,
            KvHeadCount = (int)facts.KvHeadCount!,
            HeadLength = (int)facts.KeyLength!,
            RotaryLength = (int)(metadata.GetInteger($"{architecture}.rope.dimension_count") ?? facts.KeyLength!),
            ContextLength = (int)facts.ContextLength!,
            VocabularySize = facts.VocabularySize,
            Epsilon = (float)metadata.GetNumber($"{architecture}.attention.layer_norm_rms_epsilon")!,
            PairsAreNeighbours = areNeighbours,
        };
    }

    private static void Refuse(GgufMetadata metadata, string key, string what)
    {
        if (metadata.GetInteger(key) is { } value && value != 0)
            throw new ConversionException($"'{key}' is {value}: {what} cannot be converted");
    }
}
