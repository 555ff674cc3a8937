using ModelRunner.Export.Onnx;

namespace ModelRunner.Testing;

/// <summary>Decoders by their inputs and outputs, with something wrong inside.</summary>
internal static class BrokenGraph
{
    private static readonly string[] KvShape = ["batch", "1", "past", "16"];

    /// <summary>Each node waits for the one before, and the first for the last.</summary>
    public static void WriteCircle(string folder, string[] nodes) => Write(folder, KvShape, (graph, input) =>
    {
        for (var i = 0; i < nodes.Length; i++)
            graph.Add(nodes[i], "Add", [input, nodes[(i + nodes.Length - 1) % nodes.Length]]);
        return nodes[^1];
    });

    /// <summary>States of one element are multiplied with a matrix of 16 rows.</summary>
    public static void WriteWrongWeight(string folder) => Write(folder, KvShape, (graph, input) => graph.Add(
        "product", "MatMul", [AddStates(graph, input), graph.Floats("weight", new float[16 * 512], 16, 512)]));

    /// <summary>Keys and values of a length that does not grow.</summary>
    public static void WriteFixedKv(string folder) => Write(folder, ["batch", "1", "64", "16"], AddLogits);

    /// <summary>Keys and values without heads.</summary>
    public static void WriteFlatKv(string folder) => Write(folder, ["batch", "past", "16"], AddLogits);

    /// <summary>LFM2's inputs as its published exports have them: a layer of convolution before one of attention.</summary>
    public static void WriteHybrid(string folder)
    {
        Write(folder, KvShape, (graph, input) =>
        {
            graph.Input("past_conv.0", OnnxElementType.Float32, "batch", "16", "3");
            graph.Output("present_conv.0", OnnxElementType.Float32, "batch", "16", "3");
            graph.AddNode("/conv", "Identity", ["past_conv.0"], ["present_conv.0"]);
            return AddLogits(graph, input);
        }, layer: 1);
        File.WriteAllText(Path.Combine(folder, "genai_config.json"), """
            {"model": {"type": "lfm2", "vocab_size": 512, "context_length": 64, "eos_token_id": 2,
              "decoder": {"filename": "model.onnx", "head_size": 16, "num_key_value_heads": 1, "hidden_size": 16,
                "layer_types": ["conv", "full_attention"], "conv_cache_size": 3,
                "inputs": {"input_ids": "input_ids", "attention_mask": "attention_mask", "past_conv_names": "past_conv.%d",
                  "past_key_names": "past_key_values.%d.key", "past_value_names": "past_key_values.%d.value"},
                "outputs": {"logits": "logits", "present_conv_names": "present_conv.%d",
                  "present_key_names": "present.%d.key", "present_value_names": "present.%d.value"}}}}
            """);
    }

    private static void Write(string folder, string[] kvShape, Func<OnnxGraph, string, string> compute, int layer = 0)
    {
        var graph = new OnnxGraph("broken");
        graph.Input("input_ids", OnnxElementType.Int64, "batch", "tokens");
        graph.Input("attention_mask", OnnxElementType.Int64, "batch", "total");
        foreach (var part in new[] { "key", "value" })
        {
            var (past, present) = ($"past_key_values.{layer}.{part}", $"present.{layer}.{part}");
            graph.Input(past, OnnxElementType.Float32, kvShape);
            graph.Output(present, OnnxElementType.Float32, kvShape);
            graph.AddNode($"/{part}", "Identity", [past], [present]);
        }

        var logits = compute(graph, graph.Cast("input", "input_ids", OnnxElementType.Float32));
        graph.AddNode("/logits", "Identity", [logits], ["logits"]);
        graph.Output("logits", OnnxElementType.Float32, "batch", "tokens", "512");
        OnnxModelWriter.Write(graph, folder, (_, _) => { });
    }

    private static string AddStates(OnnxGraph graph, string input) =>
        graph.Add("states", "Unsqueeze", [input, graph.Constant("/last", [-1], 1)]);

    private static string AddLogits(OnnxGraph graph, string input) =>
        graph.Add("product", "MatMul", [AddStates(graph, input), graph.Floats("weight", new float[512], 1, 512)]);
}
