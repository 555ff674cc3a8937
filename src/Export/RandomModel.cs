using System.Runtime.InteropServices;
using ModelRunner.Gguf;

namespace ModelRunner.Export;

/// <summary>
/// Writes llama-shaped GGUF models with random weights. Weights have a deviation of one over the root of the row
/// length, so that activations keep their scale through any number of layers, and logits spread by about three: greedy
/// text varies and its best token seldom ties. Tensors are made and written one after the other in bounded memory.
/// </summary>
public static class RandomModel
{
    private const float LogitSpread = 3;

    // Control and raw byte tokens get a logit near zero, far below the best of the others.
    private const float QuietScale = 0.1f;
    private const float BiasScale = 0.3f;

    // Vectors draw from streams of their own, so that the matrices of a seed do not depend on them.
    private const int NoiseStream = 500_000;
    private const int ChunkLength = 1 << 16;

    /// <summary>Writes a file of that name, replacing another.</summary>
    public static void Write(string path, RandomModelOptions options) => Build(options).Write(path);

    /// <summary>Writes a whole file at the stream's position.</summary>
    public static void Write(Stream stream, RandomModelOptions options) => Build(options).Write(stream);

    /// <summary>The metadata and the tensors, whose data is generated while it is written.</summary>
    public static GgufWriter Build(RandomModelOptions options)
    {
        var shape = options.Shape;
        RandomMetadata.Check(options);
        var writer = new GgufWriter();
        var vocabulary = new RandomVocabulary(options.Vocabulary, shape.VocabularySize, options.Seed);
        RandomMetadata.WriteTo(writer, options);
        vocabulary.WriteTo(writer, options.PreTokenizer);

        var embeddingType = options.EmbeddingType ?? options.WeightType;
        var width = shape.HeadCount * shape.HeadLength;
        var kvWidth = shape.KvHeadCount * shape.HeadLength;
        var index = 0;
        var noiseIndex = 0;
        Matrix("token_embd.weight", embeddingType, shape.Width, shape.VocabularySize, LogitSpread, vocabulary.IsQuiet);
        if (options.RopeScaling == RopeScaling.PerPair)
            Vector("rope_freqs.weight", [.. Enumerable.Range(0, shape.HeadLength / 2).Select(pair => pair < shape.HeadLength / 4 ? 1 : RandomMetadata.ScalingFactor)]);
        for (var i = 0; i < shape.LayerCount; i++)
        {
            Norm($"blk.{i}.attn_norm.weight", shape.Width);
            Matrix($"blk.{i}.attn_q.weight", options.WeightType, shape.Width, width);
            Matrix($"blk.{i}.attn_k.weight", options.WeightType, shape.Width, kvWidth);
            Matrix($"blk.{i}.attn_v.weight", options.WeightType, shape.Width, kvWidth);
            if (options.Architecture == "qwen2")
            {
                Noise($"blk.{i}.attn_q.bias", width, 0, BiasScale);
                Noise($"blk.{i}.attn_k.bias", kvWidth, 0, BiasScale);
                Noise($"blk.{i}.attn_v.bias", kvWidth, 0, BiasScale);
            }

            if (options.Architecture == "qwen3")
            {
                Norm($"blk.{i}.attn_q_norm.weight", shape.HeadLength);
                Norm($"blk.{i}.attn_k_norm.weight", shape.HeadLength);
            }

            Matrix($"blk.{i}.attn_output.weight", options.WeightType, width, shape.Width);
            Norm($"blk.{i}.ffn_norm.weight", shape.Width);
            Matrix($"blk.{i}.ffn_gate.weight", options.WeightType, shape.Width, shape.FeedForwardLength);
            Matrix($"blk.{i}.ffn_up.weight", options.WeightType, shape.Width, shape.FeedForwardLength);
            Matrix($"blk.{i}.ffn_down.weight", options.WeightType, shape.FeedForwardLength, shape.Width);
        }

        Norm("output_norm.weight", shape.Width);
        if (!shape.HasTiedOutput)
            Matrix("output.weight", embeddingType, shape.Width, shape.VocabularySize, LogitSpread, vocabulary.IsQuiet);
        return writer;

        void Matrix(string name, GgufTensorType type, int rowLength, int rows, float gain = 1, Predicate<int>? isQuiet = null)
        {
            // One stream of numbers for each tensor: its weights do not depend on what was written before.
            var seed = unchecked(options.Seed * 1_000_003 + index++);
            writer.AddTensor(name, type, [rowLength, rows], stream => WriteMatrix(stream, type, rowLength, rows, gain, isQuiet, seed));
        }

        void Norm(string name, int length) => Noise(name, length, 1, options.NormDeviation);

        void Noise(string name, int length, float mean, float deviation)
        {
            var values = new float[length];
            new GaussianSource(unchecked(options.Seed * 1_000_003 + NoiseStream + noiseIndex++)).Fill(values, deviation);
            Vector(name, Array.ConvertAll(values, value => value + mean));
        }

        void Vector(string name, float[] values) => writer.AddTensor(name, GgufTensorType.F32, [values.Length], stream =>
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan())));
    }

    private static void WriteMatrix(
        Stream stream, GgufTensorType type, int rowLength, int rows, float gain, Predicate<int>? isQuiet, int seed)
    {
        var source = new GaussianSource(seed);
        var scale = gain / MathF.Sqrt(rowLength);
        var rowsInChunk = Math.Max(1, ChunkLength / rowLength);
        var values = new float[rowsInChunk * rowLength];
        var encoded = new byte[Quantizer.SizeInBytes(type, values.Length)];
        for (var first = 0; first < rows; first += rowsInChunk)
        {
            var count = Math.Min(rowsInChunk, rows - first);
            var chunk = values.AsSpan(0, count * rowLength);
            source.Fill(chunk, scale);
            for (var row = 0; isQuiet is not null && row < count; row++)
                if (isQuiet(first + row))
                    foreach (ref var value in chunk.Slice(row * rowLength, rowLength))
                        value *= QuietScale;
            var bytes = encoded.AsSpan(0, Quantizer.SizeInBytes(type, chunk.Length));
            Quantizer.Encode(type, chunk, bytes);
            stream.Write(bytes);
        }
    }
}
