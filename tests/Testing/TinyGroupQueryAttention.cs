using ModelRunner.Export.Onnx;

namespace ModelRunner.Testing;

/// <summary>The attention of a <see cref="TinyDecoder"/> as one GroupQueryAttention, with a KV cache of any type that the operator knows.</summary>
internal static class TinyGroupQueryAttention
{
    /// <summary>Adds inputs, outputs and nodes; gives what the attention adds to the state.</summary>
    public static string Add(OnnxGraph graph, TinyDecoder decoder, string input)
    {
        var options = decoder.Options;
        var compute = TypeOf(options.ComputeType);
        var one = graph.Constant("/one", [1], 1);
        var lengths = graph.Add("/lengths", "ReduceSum", ["attention_mask", one], OnnxAttribute.From("keepdims", 0));
        var last = graph.Cast("/seqlens", graph.Add("/last", "Sub", [lengths, one]), OnnxElementType.Int32);
        var total = graph.Cast("/total", graph.Length("/width", "attention_mask"), OnnxElementType.Int32);
        TinyDecoderFolder.AddCache(graph, TypeOf(options.KvType), options.KvType == "int4" ? TinyDecoder.HeadWidth / 2 : TinyDecoder.HeadWidth);

        string Project(string name, float[] heads) => InType(graph, compute, graph.Add(
            $"/{name}", "MatMul", [input, graph.Floats(name, SideBySide(heads), TinyDecoder.Width, TinyDecoder.Width)]));
        List<string> inputs =
        [
            Project("queries", decoder.Queries), Project("keys", decoder.Keys), Project("values", decoder.Values),
            "past_key_values.0.key", "past_key_values.0.value", last, total,
        ];
        List<OnnxAttribute> attributes =
        [
            OnnxAttribute.From("num_heads", TinyDecoder.Heads), OnnxAttribute.From("kv_num_heads", TinyDecoder.Heads),
            OnnxAttribute.From("scale", 1 / MathF.Sqrt(TinyDecoder.HeadWidth)), OnnxAttribute.From("do_rotary", 0),
            OnnxAttribute.From("local_window_size", options.Window == 0 ? -1 : options.Window),
        ];
        if (options.HasWindowCache)
            attributes.Add(OnnxAttribute.From("sliding_window_cache", 1));
        if (options.KvType is "int8" or "int4" or "fp8")
        {
            // Inputs 12 and 13; those between are rotary tables, positions, bias and sinks.
            inputs.AddRange(["", "", "", "", "", Scales(graph, decoder, "k_scale", options.KeyScales), Scales(graph, decoder, "v_scale", options.ValueScales)]);
            attributes.Add(OnnxAttribute.From("k_quant_type", options.KeyScales));
            attributes.Add(OnnxAttribute.From("v_quant_type", options.ValueScales));
            attributes.Add(OnnxAttribute.From("kv_cache_bit_width", options.KvType == "int4" ? 4 : 8));
        }

        graph.AddContribNode(
            "/attention", "GroupQueryAttention", inputs.ToArray(), ["/mixed", "present.0.key", "present.0.value"], attributes.ToArray());
        var mixed = compute == OnnxElementType.Float32 ? "/mixed" : graph.Cast("/mixed/floats", "/mixed", OnnxElementType.Float32);
        return graph.Add("/joined", "MatMul", [mixed, graph.Floats("joined", decoder.Joined, TinyDecoder.Width, TinyDecoder.Width)]);
    }

    private static OnnxElementType TypeOf(string name) => name switch
    {
        "fp16" => OnnxElementType.Float16,
        "bf16" => OnnxElementType.BFloat16,
        "fp8" => OnnxElementType.Float8E4M3,
        "int8" => OnnxElementType.Int8,
        // Two in a byte.
        "int4" => OnnxElementType.UInt8,
        _ => OnnxElementType.Float32,
    };

    private static string InType(OnnxGraph graph, OnnxElementType type, string value) =>
        type == OnnxElementType.Float32 ? value : graph.Cast($"{value}/{type}", value, type);

    /// <summary>Heads side by side in one matrix, as the operator takes them.</summary>
    private static float[] SideBySide(float[] heads)
    {
        var columns = new float[heads.Length];
        for (var head = 0; head < TinyDecoder.Heads; head++)
            for (var row = 0; row < TinyDecoder.Width; row++)
                for (var i = 0; i < TinyDecoder.HeadWidth; i++)
                    columns[(row * TinyDecoder.Width) + (head * TinyDecoder.HeadWidth) + i] =
                        heads[(((head * TinyDecoder.Width) + row) * TinyDecoder.HeadWidth) + i];
        return columns;
    }

    private static string Scales(OnnxGraph graph, TinyDecoder decoder, string name, string granularity) => granularity == "PER_CHANNEL"
        ? graph.Floats(
            name, [.. Enumerable.Range(0, TinyDecoder.Heads).SelectMany(head => decoder.ScalesOf(head, granularity))],
            TinyDecoder.Heads, 1, TinyDecoder.HeadWidth)
        : graph.Floats(name, decoder.ScalesOf(0, granularity)[..1], 1);
}
