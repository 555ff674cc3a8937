using ModelRunner.Export.Onnx;

namespace ModelRunner.Testing;

/// <summary>
/// Writes a <see cref="TinyDecoder"/> as a folder: with plain operators over a past that grows, as Optimum exports a
/// model, or with GroupQueryAttention. Heads are a dimension of the weights, so that nothing is transposed.
/// </summary>
public static class TinyDecoderFolder
{
    private const string Past = "past_sequence_length";
    private const string Total = "total_sequence_length";

    /// <summary>Writes graph, weights and configuration into a folder that exists.</summary>
    public static void Write(TinyDecoder decoder, string folder)
    {
        var options = decoder.Options;
        var graph = new OnnxGraph("tiny");
        graph.Input("input_ids", OnnxElementType.Int64, "batch", "tokens");
        graph.Input("attention_mask", OnnxElementType.Int64, "batch", Total);
        var input = AddInput(graph, decoder);
        var joined = options.IsShared ? TinyGroupQueryAttention.Add(graph, decoder, input) : AddPlainAttention(graph, decoder, input);
        var states = options.HasStates ? "hidden_states" : "/states";
        graph.AddNode(states, "Add", [input, joined], [states]);
        if (options.HasStates)
            graph.Output("hidden_states", OnnxElementType.Float32, "batch", "tokens", $"{TinyDecoder.Width}");
        graph.AddNode("/logits", "MatMul", [options.KeepsLogits ? AddKeptStates(graph, states) : states,
            graph.Floats("output", decoder.Output, TinyDecoder.Width, TinyDecoder.Vocabulary)], ["logits"]);
        graph.Output("logits", OnnxElementType.Float32, "batch", "wanted", $"{TinyDecoder.Vocabulary}");
        OnnxModelWriter.Write(graph, folder, (_, _) => { });
        File.WriteAllText(Path.Combine(folder, "genai_config.json"), $$"""
            {"model": {"type": "tiny", "vocab_size": {{TinyDecoder.Vocabulary}}, "context_length": {{TinyDecoder.ContextLength}}, "eos_token_id": 0,
             "decoder": {"filename": "model.onnx", "hidden_size": {{TinyDecoder.Width}}, "num_key_value_heads": {{TinyDecoder.Heads}}, "head_size": {{TinyDecoder.HeadWidth}} } } }
            """);
    }

    private static string AddInput(OnnxGraph graph, TinyDecoder decoder)
    {
        var words = graph.Add("/words", "Gather", [graph.Floats("embeddings", decoder.Embeddings, TinyDecoder.Vocabulary, TinyDecoder.Width), "input_ids"]);
        if (!decoder.Options.HasPositions)
            return words;
        graph.Input("position_ids", OnnxElementType.Int64, "batch", "tokens");
        var places = graph.Add("/places", "Gather", [graph.Floats("positions", decoder.Positions, TinyDecoder.ContextLength, TinyDecoder.Width), "position_ids"]);
        return graph.Add("/input", "Add", [words, places]);
    }

    /// <summary>The last states, as many as the input says; all for 0, because a start of -0 is the beginning.</summary>
    private static string AddKeptStates(OnnxGraph graph, string states)
    {
        graph.Input("num_logits_to_keep", OnnxElementType.Int64);
        var start = graph.Add("/keep/start", "Unsqueeze", [graph.Add("/keep/negative", "Neg", ["num_logits_to_keep"]), graph.Constant("/zero", [0], 1)]);
        return graph.Add("/kept", "Slice", [states, start, graph.Constant("/end", [long.MaxValue], 1), graph.Constant("/one", [1], 1)]);
    }

    private static string AddPlainAttention(OnnxGraph graph, TinyDecoder decoder, string input)
    {
        var heads = graph.Add("/heads", "Unsqueeze", [input, graph.Constant("/one", [1], 1)]);
        string Project(string name, float[] weights) => graph.Add(
            $"/{name}", "MatMul", [heads, graph.Floats(name, weights, TinyDecoder.Heads, TinyDecoder.Width, TinyDecoder.HeadWidth)]);

        var type = decoder.Options.KvType switch { "fp16" => OnnxElementType.Float16, "int8" => OnnxElementType.Int8, _ => OnnxElementType.Float32 };
        AddCache(graph, type, TinyDecoder.HeadWidth);
        var keys = AddToCache(graph, "key", Project("keys", decoder.Keys), type, decoder.Options.ForgetsPast);
        var values = AddToCache(graph, "value", Project("values", decoder.Values), type, decoder.Options.ForgetsPast);
        graph.AddContribNode("/scores", "FusedMatMul", [Project("queries", decoder.Queries), keys], ["/scores"],
            OnnxAttribute.From("transB", 1), OnnxAttribute.From("alpha", 1 / MathF.Sqrt(TinyDecoder.HeadWidth)));
        var seen = graph.Add("/seen", "Add", ["/scores", AddMask(graph, decoder.Options.Window)]);
        var mixed = graph.Add("/mixed", "MatMul", [graph.Add("/weights", "Softmax", [seen], OnnxAttribute.From("axis", -1)), values]);
        var parts = graph.Add("/parts", "MatMul", [mixed, graph.Floats("joined", decoder.Joined, TinyDecoder.Heads, TinyDecoder.HeadWidth, TinyDecoder.Width)]);
        return graph.Add("/joined", "ReduceSum", [parts, graph.Constant("/one", [1], 1)], OnnxAttribute.From("keepdims", 0));
    }

    /// <summary>The past with what is new, in the type of the cache, and back as floats.</summary>
    private static string AddToCache(OnnxGraph graph, string part, string added, OnnxElementType type, bool forgetsPast)
    {
        var stored = type switch
        {
            OnnxElementType.Float16 => graph.Cast($"/{part}/stored", added, type),
            OnnxElementType.Int8 => graph.Add($"/{part}/stored", "QuantizeLinear", [added, Scale(graph), ZeroPoint(graph)]),
            _ => added,
        };
        var all = forgetsPast ? $"/{part}/all" : $"present.0.{part}";
        graph.AddNode($"/{part}/present", "Concat", [$"past_key_values.0.{part}", stored], [all], OnnxAttribute.From("axis", 2));
        if (forgetsPast)
            graph.AddNode($"/{part}/new", "Identity", [stored], [$"present.0.{part}"]);
        return type switch
        {
            OnnxElementType.Float16 => graph.Cast($"/{part}/floats", all, OnnxElementType.Float32),
            OnnxElementType.Int8 => graph.Add($"/{part}/floats", "DequantizeLinear", [all, Scale(graph), ZeroPoint(graph)]),
            _ => all,
        };
    }

    /// <summary>Added to the scores: far below them where the mask, the order or the window hides a token.</summary>
    private static string AddMask(OnnxGraph graph, int window)
    {
        var one = graph.Constant("/one", [1], 1);
        var total = graph.Length("/total", "attention_mask");
        var past = graph.Add("/past", "Sub", [total, graph.Length("/tokens", "input_ids")]);
        var rows = graph.Add("/rows", "Unsqueeze", [graph.Add("/rows/flat", "Range", [past, total, graph.Constant("/step", [1])]), one]);
        var columns = graph.Add("/columns", "Range", [graph.Constant("/start", [0]), total, graph.Constant("/step", [1])]);
        var isSeen = graph.Add("/order", "LessOrEqual", [columns, rows]);
        if (window > 0)
            isSeen = graph.Add("/near", "And", [isSeen, graph.Add("/window", "Greater", [columns, graph.Add("/edge", "Sub", [rows, graph.Constant("/window/size", [window], 1)])])]);
        var isReal = graph.Add("/real", "Unsqueeze", [graph.Cast("/real/flat", "attention_mask", OnnxElementType.Bool), graph.Constant("/mask/places", [1, 2], 2)]);
        var hidden = graph.Cast("/hidden/float", graph.Add("/hidden", "Not", [graph.Add("/both", "And", [isSeen, isReal])]), OnnxElementType.Float32);
        return graph.Add("/bias", "Mul", [hidden, graph.Floats("hidden_bias", [-1e9f], 1)]);
    }

    /// <summary>Past and present of the layer.</summary>
    internal static void AddCache(OnnxGraph graph, OnnxElementType type, int width)
    {
        foreach (var part in new[] { "key", "value" })
        {
            graph.Input($"past_key_values.0.{part}", type, "batch", $"{TinyDecoder.Heads}", Past, $"{width}");
            graph.Output($"present.0.{part}", type, "batch", $"{TinyDecoder.Heads}", Total, $"{width}");
        }
    }

    private static string Scale(OnnxGraph graph) => graph.Once(new OnnxWeight(
        "kv_scale", OnnxElementType.Float32, [], stream => stream.Write(BitConverter.GetBytes(TinyDecoder.KvScale))));

    private static string ZeroPoint(OnnxGraph graph) => graph.Once(new OnnxWeight(
        "kv_zero", OnnxElementType.Int8, [], stream => stream.WriteByte(0)));
}
