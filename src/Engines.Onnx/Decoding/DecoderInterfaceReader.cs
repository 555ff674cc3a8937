using System.Globalization;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Engines.Onnx.Config;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// Finds the parts of a decoder among the inputs and outputs of its graph, by the names of the configuration. What is
/// left over is something that this engine cannot feed, and is named. Pure.
/// </summary>
internal static class DecoderInterfaceReader
{
    private const int MaxLayers = 4096;
    private const int MaxHeads = 65_536;
    private const int MaxVocabularySize = 1 << 24;

    // Of transformers, before and since its release 4.50.
    private static readonly string[] LogitsCountNames = ["num_logits_to_keep", "logits_to_keep"];

    /// <exception cref="ModelLoadException">The graph is no decoder of a kind that runs here; says why.</exception>
    public static DecoderInterface Read(GenAiConfig config, IReadOnlyList<GraphValue> inputs, IReadOnlyList<GraphValue> outputs)
    {
        var names = config.Names;
        var left = inputs.ToDictionary(input => input.Name, StringComparer.Ordinal);
        RefuseUnsupported(left.Keys);
        var inputIds = Take(left, names.InputIds)
            ?? throw new ModelLoadException($"the graph has no input '{names.InputIds}'; it has {List(inputs)}");
        var mask = Take(left, names.AttentionMask);
        var positions = Take(left, names.PositionIds);
        var indices = Take(left, LogitsPruning.IndicesName);
        var count = LogitsCountNames.Select(name => Take(left, name)).FirstOrDefault(value => value is not null);
        foreach (var value in new[] { inputIds, mask, positions })
            CheckInteger(value);
        if (count is not null && (!IsInteger(count) || count.Shape is not ([] or [1])))
            throw new ModelLoadException($"'{count.Name}' is {count.Description} instead of one whole number");

        var kv = TakeKv(config, left, outputs);
        if (left.Count > 0)
            throw new ModelLoadException($"the graph has inputs that this engine does not know: {List([.. left.Values])}");

        var logits = Find(outputs, names.Logits)
            ?? throw new ModelLoadException($"the graph has no output '{names.Logits}'; it has {List(outputs)}");
        if (!logits.Type.IsFloat() || logits.Shape.Count != 3)
            throw new ModelLoadException($"the logits are {logits.Description} instead of floats [batch, tokens, vocabulary]");

        return new DecoderInterface
        {
            InputIds = inputIds,
            AttentionMask = mask,
            PositionIds = positions,
            LogitsIndices = indices,
            LogitsCount = count,
            Logits = logits,
            HiddenStates = FindStates(outputs, names),
            Kv = kv,
            VocabularySize = ReadVocabularySize(config, logits),
        };
    }

    private static void RefuseUnsupported(IEnumerable<string> inputs)
    {
        foreach (var name in inputs)
        {
            var reason = name switch
            {
                "block_table" or "slot_mapping" or "cumulative_sequence_lengths" => "is made for paged attention, which needs CUDA",
                "encoder_hidden_states" or "encoder_attention_mask" => "attends to an encoder",
                "pixel_values" or "image_features" or "audio_features" => "takes images or sound",
                "inputs_embeds" => "takes embeddings instead of tokens, as the decoder of a multimodal model does",
                "use_cache_branch" => "holds two graphs in one; export it without merging",
                _ when name.Contains("conv", StringComparison.OrdinalIgnoreCase)
                    || name.Contains("recurrent", StringComparison.OrdinalIgnoreCase)
                    || name.Contains("ssm", StringComparison.OrdinalIgnoreCase) =>
                    "keeps convolution or recurrent state beside its KV cache (a hybrid model)",
                _ => null,
            };
            if (reason is not null)
                throw new ModelLoadException($"the graph {reason} (input '{name}'), which is not supported");
        }
    }

    private static List<KvTensor> TakeKv(GenAiConfig config, Dictionary<string, GraphValue> left, IReadOnlyList<GraphValue> outputs)
    {
        var names = config.Names;
        var kv = new List<KvTensor>();
        // Layers may be missing in between: those that share another layer's cache, or have none.
        for (var layer = 0; layer < MaxLayers; layer++)
        {
            if (names.Past.Length > 0)
            {
                Add(Insert(names.Past, layer), Insert(names.Present, layer), parts: 2);
                continue;
            }

            Add(Insert(names.PastKeys, layer), Insert(names.PresentKeys, layer), parts: 1);
            Add(Insert(names.PastValues, layer), Insert(names.PresentValues, layer), parts: 1);
        }

        return kv.Count > 0
            ? kv
            : throw new ModelLoadException(
                $"the graph has no input '{Insert(names.Past.Length > 0 ? names.Past : names.PastKeys, 0)}', and so no KV cache: it has {List([.. left.Values])}");

        void Add(string past, string present, int parts)
        {
            if (Take(left, past) is { } value)
                kv.Add(ReadKv(config, value, Find(outputs, present) ?? throw new ModelLoadException(
                    $"the graph has the input '{past}' without the output '{present}'"), parts));
        }
    }

    private static KvTensor ReadKv(GenAiConfig config, GraphValue past, GraphValue present, int parts)
    {
        var rank = parts == 1 ? 4 : 5;
        if (past.Type.SizeInBytes() == 0 || past.Type != present.Type)
            throw new ModelLoadException($"'{past.Name}' is {past.Description}, but '{present.Name}' is {present.Description}");
        if (past.Shape.Count != rank || (parts == 2 && past.Shape[0] is not (2 or -1)))
            throw new ModelLoadException($"'{past.Name}' is {past.Description} instead of a KV cache of {rank} dimensions");
        if (past.Shape[rank - 2] >= 0)
            throw new ModelLoadException($"'{past.Name}' is {past.Description}: a KV cache of fixed length, as NPUs need it, is not supported");
        if (past.Shape[rank - 4] is not (-1 or 0) and var batch && batch != 1)
            throw new ModelLoadException($"'{past.Name}' is {past.Description}: a fixed batch of {batch} is not supported");

        var heads = past.Shape[rank - 3] is > 0 and var declared ? declared : config.KvHeadCount;
        var width = past.Shape[rank - 1] is > 0 and var size ? size : config.HeadSize;
        return heads is > 0 and <= MaxHeads && width is > 0 and <= MaxHeads
            ? new KvTensor(past.Name, present.Name, past.Type, parts, (int)heads, (int)width)
            : throw new ModelLoadException(
                $"'{past.Name}' is {past.Description}, and num_key_value_heads and head_size do not say what is missing");
    }

    private static GraphValue? FindStates(IReadOnlyList<GraphValue> outputs, GraphNames names) =>
        Find(outputs, names.HiddenStates) is { Type: var type, Shape: [.., > 0] shape } states && type.IsFloat() && shape.Count == 3
            ? states
            : null;

    private static int ReadVocabularySize(GenAiConfig config, GraphValue logits)
    {
        var declared = logits.Shape[2];
        if (declared > 0 && config.VocabularySize > 0 && declared != config.VocabularySize)
            throw new ModelLoadException(
                $"the graph gives {declared} logits, but vocab_size of genai_config.json is {config.VocabularySize}");
        var size = declared > 0 ? declared : config.VocabularySize;
        return size is > 0 and <= MaxVocabularySize
            ? (int)size
            : throw new ModelLoadException($"the logits are {logits.Description}, and vocab_size of genai_config.json is {config.VocabularySize}");
    }

    private static void CheckInteger(GraphValue? value)
    {
        if (value is not null && (!IsInteger(value) || value.Shape.Count != 2))
            throw new ModelLoadException($"'{value.Name}' is {value.Description} instead of whole numbers [batch, tokens]");
    }

    private static bool IsInteger(GraphValue value) => value.Type is ElementType.Int64 or ElementType.Int32;

    private static string Insert(string template, int layer) =>
        template.Replace("%d", layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static GraphValue? Take(Dictionary<string, GraphValue> left, string name) =>
        left.Remove(name, out var value) ? value : null;

    private static GraphValue? Find(IReadOnlyList<GraphValue> values, string name) =>
        values.FirstOrDefault(value => value.Name == name);

    private static string List(IReadOnlyList<GraphValue> values) => values.Count == 0
        ? "none"
        : string.Join(", ", values.Take(8).Select(value => $"'{value.Name}'")) + (values.Count > 8 ? ", ..." : "");
}
