using ModelRunner.Export.Onnx;
using ModelRunner.Gguf;

namespace ModelRunner.Export.GenAi;

/// <summary>
/// Builds the graph of a decoder as ONNX Runtime GenAI's model builder does for a CPU: GroupQueryAttention with rotary
/// positions inside and one KV buffer for past and present, joined query, key and value projections, and norms that add
/// the residual. Values are [batch, sequence, elements].
/// </summary>
internal sealed class DecoderGraph
{
    private const string Batch = "batch_size";
    private const string Total = "total_sequence_length";
    private readonly OnnxGraph _graph = new("decoder");
    private readonly GraphWeights _weights;
    private readonly DecoderShape _shape;
    private readonly ConversionOptions _options;
    private readonly int[] _rotatedHead;
    private readonly int[] _straightHead;

    private DecoderGraph(
        GgufFile file, DecoderShape shape, TensorReader reader, MatrixEncoder encoder, ConversionOptions options, CancellationToken cancellation)
    {
        _shape = shape;
        _options = options;
        _weights = new GraphWeights(_graph, file, reader, encoder, options.AccuracyLevel, cancellation);
        _rotatedHead = HeadLayout.Rotated(shape);
        _straightHead = HeadLayout.Straight(shape);
    }

    /// <summary>The whole graph; weights are read from <paramref name="reader"/> when they are written.</summary>
    /// <exception cref="ConversionException">Names the tensor or key that stands in the way.</exception>
    public static OnnxGraph Build(
        GgufFile file, DecoderShape shape, TensorReader reader, MatrixEncoder encoder, ConversionOptions options, CancellationToken cancellation)
    {
        var decoder = new DecoderGraph(file, shape, reader, encoder, options, cancellation);
        decoder.Build(file);
        decoder._weights.RequireAllTaken();
        return decoder._graph;
    }

    private void Build(GgufFile file)
    {
        _graph.Input("input_ids", OnnxElementType.Int64, Batch, "sequence_length");
        _graph.Input("attention_mask", OnnxElementType.Int64, Batch, Total);
        AddLengths();
        AddRotaryTables(file);
        var table = _weights.Matrix("token_embd.weight");
        var (residual, shared) = _weights.Gather("model.embed_tokens", "input_ids", table, _options.Embedding);

        string? addend = null;
        for (var i = 0; i < _shape.LayerCount; i++)
        {
            var layer = $"model.layers.{i}";
            var normed = Norm($"{layer}.input_layernorm", $"blk.{i}.attn_norm.weight", ref residual, addend);
            addend = Attention(i, layer, normed);
            normed = Norm($"{layer}.post_attention_layernorm", $"blk.{i}.ffn_norm.weight", ref residual, addend);
            addend = FeedForward(i, layer, normed);
        }

        var last = Norm("model.norm", "output_norm.weight", ref residual, addend, _options.HasHiddenStates ? "hidden_states" : null);
        if (_options.HasHiddenStates)
            _graph.Output("hidden_states", OnnxElementType.Float32, Batch, "sequence_length", $"{_shape.Width}");
        var output = _weights.Find("output.weight");
        if (output is not null)
            (table, shared) = (_weights.Matrix("output.weight"), null);
        _weights.MatMul("lm_head", last, "logits", table, _options.Embedding, shared);
        _graph.Output("logits", OnnxElementType.Float32, Batch, "sequence_length", $"{_shape.VocabularySize}");
    }

    /// <summary>The two lengths that GroupQueryAttention takes, from the mask's ones and its width.</summary>
    private void AddLengths()
    {
        var one = _graph.Constant("/constants/one", [1], 1);
        var sums = _graph.Add("/attention_mask/ReduceSum", "ReduceSum", ["attention_mask", one], OnnxAttribute.From("keepdims", 0));
        var last = _graph.Add("/attention_mask/Sub", "Sub", [sums, one]);
        _graph.Add("/seqlens_k", "Cast", [last], OnnxAttribute.From("to", (long)OnnxElementType.Int32));
        var shape = _graph.Add("/attention_mask/Shape", "Shape", ["attention_mask"]);
        var width = _graph.Add(
            "/attention_mask/Gather", "Gather", [shape, _graph.Constant("/constants/axis", [1])], OnnxAttribute.From("axis", 0));
        _graph.Add("/total_sequence_length", "Cast", [width], OnnxAttribute.From("to", (long)OnnxElementType.Int32));
    }

    private void AddRotaryTables(GgufFile file)
    {
        var factors = _weights.Find("rope_freqs.weight") is { } tensor ? _weights.ReadVector(tensor) : null;
        var rotary = new RotaryTable(file, _shape, factors);
        var positions = _options.ContextLength ?? _shape.ContextLength;
        var columns = _shape.PaddedHeadLength / 2;
        foreach (var (name, sines) in (ReadOnlySpan<(string, bool)>)[("cos_cache", false), ("sin_cache", true)])
            _graph.Weight(new OnnxWeight(
                name, OnnxElementType.Float32, [positions, columns], stream => rotary.Write(stream, positions, columns, sines)));
    }

    /// <summary>Normalises, after adding <paramref name="addend"/> to the residual where there is one.</summary>
    private string Norm(string name, string tensor, ref string residual, string? addend, string? output = null)
    {
        var weight = _weights.Vector($"{name}.weight", _weights.ReadVector(_weights.Take(tensor)));
        output ??= $"/{name}";
        if (addend is null)
        {
            return _graph.Add(
                output, "SimplifiedLayerNormalization", [residual, weight],
                OnnxAttribute.From("axis", -1), OnnxAttribute.From("epsilon", _shape.Epsilon), OnnxAttribute.From("stash_type", 1));
        }

        var sum = $"/{name}/sum";
        _graph.AddContribNode(
            output, "SkipSimplifiedLayerNormalization", [residual, addend, weight], [output, "", "", sum],
            OnnxAttribute.From("epsilon", _shape.Epsilon));
        residual = sum;
        return output;
    }

    private string Attention(int i, string layer, string input)
    {
        var attention = $"{layer}.self_attn";
        var rotates = _shape.RotatesIn(i);
        var qkv = JoinedProjection($"blk.{i}.attn_", $"{attention}.qkv_proj", input);
        var (query, key, value) = HeadNorms($"blk.{i}.attn_", attention, qkv);
        ReadOnlySpan<string> names =
        [
            query, key, value, $"past_key_values.{i}.key", $"past_key_values.{i}.value",
            "/seqlens_k", "/total_sequence_length", rotates ? "cos_cache" : "", rotates ? "sin_cache" : "",
        ];
        var output = $"/{attention}/GroupQueryAttention";
        _graph.AddContribNode(
            output, "GroupQueryAttention", names, [output, $"present.{i}.key", $"present.{i}.value"],
            OnnxAttribute.From("num_heads", _shape.HeadCount),
            OnnxAttribute.From("kv_num_heads", _shape.KvHeadCount),
            OnnxAttribute.From("scale", 1 / MathF.Sqrt(_shape.HeadLength)),
            OnnxAttribute.From("local_window_size", -1),
            OnnxAttribute.From("softcap", 0f),
            OnnxAttribute.From("do_rotary", rotates ? 1 : 0),
            OnnxAttribute.From("rotary_interleaved", 0));
        foreach (var part in (ReadOnlySpan<string>)["key", "value"])
        {
            string[] shape = [Batch, $"{_shape.KvHeadCount}", "past_sequence_length", $"{_shape.PaddedHeadLength}"];
            _graph.Input($"past_key_values.{i}.{part}", OnnxElementType.Float32, shape);
            _graph.Output($"present.{i}.{part}", OnnxElementType.Float32, shape[0], shape[1], Total, shape[3]);
        }

        var columns = _shape.PaddedHeadLength == _shape.HeadLength ? null
            : HeadLayout.Repeat(_straightHead, _shape.HeadCount, _shape.HeadLength);
        var matrix = _weights.Matrix($"blk.{i}.attn_output.weight", columns);
        return _weights.MatMul($"{attention}.o_proj", output, $"/{attention}.o_proj", matrix, _options.Precision);
    }

    /// <summary>Queries, keys and values in one product, with their biases where there are any.</summary>
    private string JoinedProjection(string tensors, string name, string input)
    {
        ReadOnlySpan<(string Letter, int Heads, int[] Layout)> parts =
            [("q", _shape.HeadCount, _rotatedHead), ("k", _shape.KvHeadCount, _rotatedHead), ("v", _shape.KvHeadCount, _straightHead)];
        var matrices = new List<(GgufTensor, int[]?)>();
        var bias = new List<float>();
        var hasBias = false;
        foreach (var (letter, heads, layout) in parts)
        {
            var rows = HeadLayout.Repeat(layout, heads, _shape.HeadLength);
            matrices.Add((_weights.Take($"{tensors}{letter}.weight"), rows));
            var values = _weights.Find($"{tensors}{letter}.bias") is { } tensor ? _weights.ReadVector(tensor) : null;
            hasBias |= values is not null;
            foreach (var row in rows)
                bias.Add(values is null || row < 0 ? 0 : values[row]);
        }

        var matrix = _weights.Stack([.. matrices]);
        var product = _weights.MatMul(name, input, $"/{name}", matrix, _options.Precision);
        return hasBias ? _graph.Add($"/{name}/Add", "Add", [product, _weights.Vector($"{name}.bias", [.. bias])]) : product;
    }

    /// <summary>Qwen 3 normalises each query and key head; others give the joined product to the attention.</summary>
    private (string Query, string Key, string Value) HeadNorms(string tensors, string attention, string qkv)
    {
        if (_shape.Architecture != "qwen3")
            return (qkv, "", "");
        var length = _shape.PaddedHeadLength;
        long[] widths = [_shape.HeadCount * length, _shape.KvHeadCount * length, _shape.KvHeadCount * length];
        string[] outputs = [$"/{attention}/query", $"/{attention}/key", $"/{attention}/value"];
        _graph.AddNode(
            $"/{attention}/Split", "Split", [qkv, _graph.Constant("/constants/qkv_widths", widths, 3)], outputs, OnnxAttribute.From("axis", -1));
        return (
            HeadNorm($"{attention}.q_norm", $"{tensors}q_norm.weight", outputs[0], widths[0]),
            HeadNorm($"{attention}.k_norm", $"{tensors}k_norm.weight", outputs[1], widths[1]),
            outputs[2]);
    }

    private string HeadNorm(string name, string tensor, string input, long width)
    {
        // The mean is over the padded head: with this factor the zeros count for nothing.
        var (length, padded) = ((float)_shape.HeadLength, (float)_shape.PaddedHeadLength);
        var values = _weights.ReadVector(_weights.Take(tensor));
        var weight = Array.ConvertAll(_rotatedHead, place => place < 0 ? 0 : values[place] * MathF.Sqrt(length / padded));
        var heads = _graph.Add(
            $"/{name}/Reshape", "Reshape", [input, _graph.Constant("/constants/heads", [0, 0, -1, _shape.PaddedHeadLength], 4)]);
        var normed = _graph.Add(
            $"/{name}", "SimplifiedLayerNormalization", [heads, _weights.Vector($"{name}.weight", weight)],
            OnnxAttribute.From("axis", -1), OnnxAttribute.From("epsilon", _shape.Epsilon * length / padded), OnnxAttribute.From("stash_type", 1));
        return _graph.Add($"/{name}/Join", "Reshape", [normed, _graph.Constant($"/constants/width_{width}", [0, 0, width], 3)]);
    }

    private string FeedForward(int i, string layer, string input)
    {
        var name = $"{layer}.mlp";
        var gate = Project("gate", "gate_proj", input);
        var up = Project("up", "up_proj", input);
        var sigmoid = _graph.Add($"/{name}/act_fn/Sigmoid", "Sigmoid", [gate]);
        var activated = _graph.Add($"/{name}/act_fn/Mul", "Mul", [gate, sigmoid]);
        return Project("down", "down_proj", _graph.Add($"/{name}/Mul", "Mul", [activated, up]));

        string Project(string part, string projection, string value) => _weights.MatMul(
            $"{name}.{projection}", value, $"/{name}.{projection}", _weights.Matrix($"blk.{i}.ffn_{part}.weight"), _options.Precision);
    }
}
