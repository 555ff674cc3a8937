namespace ModelRunner.Gguf;

/// <summary>Checks hyperparameters against each other and against the shapes of the tensors.</summary>
internal static class GgufArchitectureValidator
{
    // llama.cpp: LLAMA_MAX_LAYERS and LLAMA_MAX_EXPERTS, which it asserts.
    private const int MaximumLayers = 512;
    private const int MaximumExperts = 512;
    private const int MaximumSize = 1 << 28;
    private const string EmbeddingName = "token_embd.weight";

    /// <summary>Decoders with llama's tensor names and shapes; each layer has the same sizes.</summary>
    private static readonly HashSet<string> PlainDecoders = new(StringComparer.Ordinal)
    {
        "llama", "qwen2", "qwen3", "smollm3", "granite", "gemma", "gemma2", "internlm2",
    };

    public static void Validate(GgufFile file, string architecture, int vocabularySize)
    {
        var metadata = file.Metadata;
        Range(metadata, $"{architecture}.context_length", 1, MaximumSize, isRequired: true);
        var width = Range(metadata, $"{architecture}.embedding_length", 1, MaximumSize, isRequired: true);
        var layers = Range(metadata, $"{architecture}.block_count", 1, MaximumLayers, isRequired: true);
        CheckPositive(metadata, $"{architecture}.attention.layer_norm_rms_epsilon", 1);
        CheckPositive(metadata, $"{architecture}.attention.layer_norm_epsilon", 1);
        CheckPositive(metadata, $"{architecture}.rope.freq_base", 1e15);
        CheckPositive(metadata, $"{architecture}.rope.scaling.factor", 1e6);
        CheckExperts(metadata, architecture);
        Range(metadata, $"{architecture}.pooling_type", 0, 4);
        Range(metadata, $"{architecture}.rope.dimension_count", 0, MaximumSize);
        Range(metadata, $"{architecture}.attention.key_length", 1, MaximumSize);
        Range(metadata, $"{architecture}.attention.value_length", 1, MaximumSize);

        if (file.FindTensor(EmbeddingName) is { } embedding)
        {
            if (embedding.Shape.Count != 2 || embedding.Shape[1] != vocabularySize)
                throw new GgufException($"tensor '{EmbeddingName}' has the shape {Text(embedding.Shape)} for {vocabularySize} tokens");
            if (embedding.Shape[0] != width)
                throw new GgufException($"tensor '{EmbeddingName}' has rows of {embedding.Shape[0]}, '{architecture}.embedding_length' is {width}");
        }

        CheckLayerNumbers(file, layers);
        if (PlainDecoders.Contains(architecture))
            CheckPlainDecoder(file, architecture, width, layers, vocabularySize);
    }

    private static void CheckExperts(GgufMetadata metadata, string architecture)
    {
        var count = Range(metadata, $"{architecture}.expert_count", 0, MaximumExperts);
        var used = Range(metadata, $"{architecture}.expert_used_count", 0, MaximumExperts);
        if (used > count || (count > 0 && used == 0))
            throw new GgufException($"'{architecture}.expert_used_count' is {used} of {count} experts");
    }

    private static void CheckLayerNumbers(GgufFile file, long layers)
    {
        foreach (var tensor in file.Tensors)
        {
            if (!tensor.Name.StartsWith("blk.", StringComparison.Ordinal))
                continue;
            var end = tensor.Name.IndexOf('.', 4);
            if (end < 0 || !int.TryParse(tensor.Name.AsSpan(4, end - 4), out var layer) || layer < 0 || layer >= layers)
                throw new GgufException($"tensor '{tensor.Name}' belongs to no layer of {layers}");
        }
    }

    private static void CheckPlainDecoder(GgufFile file, string architecture, long width, long layers, long vocabularySize)
    {
        var metadata = file.Metadata;
        var heads = Range(metadata, $"{architecture}.attention.head_count", 1, MaximumSize, isRequired: true);
        var kvHeadsKey = $"{architecture}.attention.head_count_kv";
        var kvHeads = metadata.Contains(kvHeadsKey) ? Range(metadata, kvHeadsKey, 1, MaximumSize) : heads;
        if (heads % kvHeads != 0)
            throw new GgufException($"'{kvHeadsKey}' is {kvHeads}, which does not divide the {heads} heads");
        var keyKey = $"{architecture}.attention.key_length";
        if (!metadata.Contains(keyKey) && width % heads != 0)
            throw new GgufException($"'{architecture}.attention.head_count' is {heads}, which does not divide the width {width}");
        var keyLength = metadata.GetInteger(keyKey) ?? width / heads;
        var valueLength = metadata.GetInteger($"{architecture}.attention.value_length") ?? width / heads;
        var ropeKey = $"{architecture}.rope.dimension_count";
        var ropeLength = metadata.GetInteger(ropeKey) ?? keyLength;
        if (ropeLength <= 0 || ropeLength > keyLength || ropeLength % 2 != 0)
            throw new GgufException($"'{ropeKey}' is {ropeLength}, expected an even number up to the head length {keyLength}");
        var epsilonKey = $"{architecture}.attention.layer_norm_rms_epsilon";
        if (!metadata.Contains(epsilonKey))
            throw new GgufException($"'{epsilonKey}' is missing");
        var feedForward = Range(metadata, $"{architecture}.feed_forward_length", 1, MaximumSize, isRequired: true);
        var isDense = (metadata.GetInteger($"{architecture}.expert_count") ?? 0) == 0;

        Shape(file, EmbeddingName, isRequired: true, width, vocabularySize);
        Shape(file, "output.weight", isRequired: false, width, vocabularySize);
        Norm(file, "output_norm.weight", isRequired: true, width);
        Norm(file, "rope_freqs.weight", isRequired: false, ropeLength / 2);
        for (var i = 0; i < layers; i++)
        {
            var layer = $"blk.{i}.";
            Norm(file, layer + "attn_norm.weight", isRequired: true, width);
            // Some files of these families hold one joined tensor instead.
            var isSplit = file.FindTensor(layer + "attn_qkv.weight") is null;
            Shape(file, layer + "attn_q.weight", isSplit, width, keyLength * heads);
            Shape(file, layer + "attn_k.weight", isSplit, width, keyLength * kvHeads);
            Shape(file, layer + "attn_v.weight", isSplit, width, valueLength * kvHeads);
            Shape(file, layer + "attn_output.weight", isRequired: true, valueLength * heads, width);
            Norm(file, layer + "attn_q_norm.weight", isRequired: false, keyLength);
            Norm(file, layer + "attn_k_norm.weight", isRequired: false, keyLength);
            Norm(file, layer + "attn_q.bias", isRequired: false, keyLength * heads);
            Norm(file, layer + "attn_k.bias", isRequired: false, keyLength * kvHeads);
            Norm(file, layer + "attn_v.bias", isRequired: false, valueLength * kvHeads);
            Norm(file, layer + "rope_freqs.weight", isRequired: false, ropeLength / 2);
            Norm(file, layer + "ffn_norm.weight", isRequired: true, width);
            if (!isDense)
                continue;
            Shape(file, layer + "ffn_gate.weight", isRequired: true, width, feedForward);
            Shape(file, layer + "ffn_up.weight", isRequired: true, width, feedForward);
            Shape(file, layer + "ffn_down.weight", isRequired: true, feedForward, width);
        }
    }

    private static void Norm(GgufFile file, string name, bool isRequired, long length)
    {
        Shape(file, name, isRequired, length);
        if (file.FindTensor(name) is { } tensor && tensor.Type != GgufTensorType.F32)
            throw new GgufException($"tensor '{name}' has the type {tensor.Type}, expected F32");
    }

    private static void Shape(GgufFile file, string name, bool isRequired, params ReadOnlySpan<long> expected)
    {
        if (file.FindTensor(name) is not { } tensor)
        {
            if (isRequired)
                throw new GgufException($"tensor '{name}' is missing");
            return;
        }

        var matches = tensor.Shape.Count >= expected.Length;
        for (var i = 0; matches && i < tensor.Shape.Count; i++)
            matches = tensor.Shape[i] == (i < expected.Length ? expected[i] : 1);
        if (!matches)
            throw new GgufException($"tensor '{name}' has the shape {Text(tensor.Shape)}, expected {Text(expected.ToArray())}");
    }

    private static string Text(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>An integer within bounds; 0 where it is absent and may be. Per-layer arrays must be uniform.</summary>
    private static long Range(GgufMetadata metadata, string key, long minimum, long maximum, bool isRequired = false)
    {
        if (!metadata.TryGet(key, out var entry))
            return isRequired ? throw new GgufException($"'{key}' is missing") : 0;
        long value;
        if (entry.Array is { Count: > 0 } array && array.ElementType.IsInteger())
        {
            value = array.GetInteger(0);
            for (var i = 1; i < array.Count; i++)
                if (array.GetInteger(i) != value)
                    throw new GgufException($"'{key}' differs between layers, which is not supported for this architecture");
        }
        else
            value = metadata.GetInteger(key)!.Value;

        if (value < minimum || value > maximum)
            throw new GgufException($"'{key}' is {value}, expected {minimum} to {maximum}");
        return value;
    }

    private static void CheckPositive(GgufMetadata metadata, string key, double maximum)
    {
        if (metadata.GetNumber(key) is { } value && !(value > 0 && value <= maximum))
            throw new GgufException($"'{key}' is {value}, expected a positive number up to {maximum}");
    }
}
