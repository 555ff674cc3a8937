using ModelRunner.Gguf;

namespace ModelRunner.Export.Tests.GenAi;

/// <summary>
/// A plain forward pass over a GGUF's own tensors in double precision, written from the papers and llama.cpp's
/// conventions: no cache, no batching, nothing of the converter but the decoding of tensors.
/// </summary>
internal sealed class ReferenceDecoder
{
    private readonly GgufFile _file;
    private readonly string _path;
    private readonly string _architecture;
    private readonly Dictionary<string, double[]> _tensors = new(StringComparer.Ordinal);

    public ReferenceDecoder(string path)
    {
        _path = path;
        _file = GgufFile.Read(path);
        _architecture = _file.Metadata.GetText("general.architecture")!;
    }

    private int Heads => (int)Number("attention.head_count")!;

    private int KvHeads => (int)Number("attention.head_count_kv")!;

    private int HeadLength => (int)(Number("attention.key_length") ?? Number("embedding_length")! / Heads);

    private double Epsilon => Number("attention.layer_norm_rms_epsilon")!.Value;

    /// <summary>The logits of each token.</summary>
    public double[][] Decode(params ReadOnlySpan<int> tokens)
    {
        var embeddings = Tensor("token_embd.weight")!;
        var width = (int)Number("embedding_length")!;
        var states = tokens.ToArray().Select(token => embeddings.AsSpan(token * width, width).ToArray()).ToArray();
        for (var layer = 0; layer < (int)Number("block_count")!; layer++)
        {
            Attend(states, layer);
            foreach (var state in states)
                FeedForward(state, layer);
        }

        return [.. states.Select(state =>
            Multiply(Tensor("output.weight") ?? embeddings, Norm(state, Tensor("output_norm.weight")!)))];
    }

    private void Attend(double[][] states, int layer)
    {
        var name = $"blk.{layer}.attn_";
        var length = HeadLength;
        var rotates = _architecture != "smollm3" || (layer + 1) % 4 != 0;
        var queries = new double[states.Length][];
        var keys = new double[states.Length][];
        var values = new double[states.Length][];
        for (var position = 0; position < states.Length; position++)
        {
            var normed = Norm(states[position], Tensor(name + "norm.weight")!);
            queries[position] = Add(Multiply(Tensor(name + "q.weight")!, normed), Tensor(name + "q.bias"));
            keys[position] = Add(Multiply(Tensor(name + "k.weight")!, normed), Tensor(name + "k.bias"));
            values[position] = Add(Multiply(Tensor(name + "v.weight")!, normed), Tensor(name + "v.bias"));
            foreach (var (vector, norm) in new[] { (queries[position], Tensor(name + "q_norm.weight")), (keys[position], Tensor(name + "k_norm.weight")) })
            {
                for (var start = 0; start < vector.Length; start += length)
                {
                    var head = vector.AsSpan(start, length);
                    if (norm is not null)
                        Norm(head.ToArray(), norm).CopyTo(head);
                    if (rotates)
                        Rotate(head, position);
                }
            }
        }

        for (var position = 0; position < states.Length; position++)
        {
            var joined = new double[Heads * length];
            for (var head = 0; head < Heads; head++)
            {
                var kvStart = head / (Heads / KvHeads) * length;
                var weights = new double[position + 1];
                for (var other = 0; other <= position; other++)
                    for (var i = 0; i < length; i++)
                        weights[other] += queries[position][head * length + i] * keys[other][kvStart + i] / Math.Sqrt(length);
                var largest = weights.Max();
                weights = [.. weights.Select(weight => Math.Exp(weight - largest))];
                var sum = weights.Sum();
                for (var other = 0; other <= position; other++)
                    for (var i = 0; i < length; i++)
                        joined[head * length + i] += weights[other] / sum * values[other][kvStart + i];
            }

            AddTo(states[position], Multiply(Tensor(name + "output.weight")!, joined));
        }
    }

    private void FeedForward(double[] state, int layer)
    {
        var name = $"blk.{layer}.ffn_";
        var normed = Norm(state, Tensor(name + "norm.weight")!);
        var gate = Multiply(Tensor(name + "gate.weight")!, normed);
        var up = Multiply(Tensor(name + "up.weight")!, normed);
        for (var i = 0; i < gate.Length; i++)
            up[i] *= gate[i] / (1 + Math.Exp(-gate[i]));
        AddTo(state, Multiply(Tensor(name + "down.weight")!, up));
    }

    /// <summary>RoPE (Su et al. 2021) with the scalings that GGUF files name.</summary>
    private void Rotate(Span<double> head, int position)
    {
        var rotated = (int)(Number("rope.dimension_count") ?? head.Length);
        var frequencyBase = Number("rope.freq_base") ?? 10_000;
        var kind = _file.Metadata.GetText($"{_architecture}.rope.scaling.type");
        var factor = kind == "none" ? 1 : Number("rope.scaling.factor") ?? 1;
        var factors = Tensor("rope_freqs.weight");
        for (var pair = 0; pair < rotated / 2; pair++)
        {
            var frequency = Math.Pow(frequencyBase, -2.0 * pair / rotated) / (factors?[pair] ?? 1);
            var magnitude = 1.0;
            if (kind == "yarn")
            {
                var original = Number("rope.scaling.original_context_length")!.Value;
                var low = Math.Max(0, Math.Floor(PairAt(32)));
                var high = Math.Min(rotated - 1, Math.Ceiling(PairAt(1)));
                var kept = 1 - Math.Clamp((pair - low) / Math.Max(0.001, high - low), 0, 1);
                frequency = frequency * kept + frequency / factor * (1 - kept);
                magnitude = 1 + 0.1 * Math.Log(factor);

                double PairAt(double turns) => rotated * Math.Log(original / (turns * 2 * Math.PI)) / (2 * Math.Log(frequencyBase));
            }
            else
                frequency /= factor;

            var (first, second) = _architecture is "llama" or "smollm3" ? (2 * pair, 2 * pair + 1) : (pair, pair + rotated / 2);
            var (sine, cosine) = Math.SinCos(position * frequency);
            (head[first], head[second]) = (
                magnitude * (head[first] * cosine - head[second] * sine),
                magnitude * (head[first] * sine + head[second] * cosine));
        }
    }

    private double[] Norm(double[] vector, double[] weights)
    {
        var scale = 1 / Math.Sqrt(vector.Average(value => value * value) + Epsilon);
        return [.. vector.Select((value, i) => value * scale * weights[i])];
    }

    private static double[] Multiply(double[] matrix, double[] vector)
    {
        var product = new double[matrix.Length / vector.Length];
        for (var row = 0; row < product.Length; row++)
            for (var i = 0; i < vector.Length; i++)
                product[row] += matrix[row * vector.Length + i] * vector[i];
        return product;
    }

    private static double[] Add(double[] vector, double[]? addend)
    {
        if (addend is not null)
            AddTo(vector, addend);
        return vector;
    }

    private static void AddTo(double[] vector, double[] addend)
    {
        for (var i = 0; i < vector.Length; i++)
            vector[i] += addend[i];
    }

    private double? Number(string key) => _file.Metadata.GetNumber($"{_architecture}.{key}");

    private double[]? Tensor(string name)
    {
        if (_tensors.TryGetValue(name, out var known) || _file.FindTensor(name) is not { } tensor)
            return known;
        var encoded = new byte[tensor.SizeInBytes];
        using var stream = File.OpenRead(_path);
        stream.Position = _file.DataOffset + tensor.Offset;
        stream.ReadExactly(encoded);
        var values = new float[tensor.ElementCount];
        Dequantizer.Decode(tensor.Type, encoded, values);
        return _tensors[name] = [.. values.Select(value => (double)value)];
    }
}
