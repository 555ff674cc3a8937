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
    private const int ChunkLength = 1 << 16;

    /// <summary>Writes a file of that name, replacing another.</summary>
    public static void Write(string path, RandomModelOptions options) => Build(options).Write(path);

    /// <summary>Writes a whole file at the stream's position.</summary>
    public static void Write(Stream stream, RandomModelOptions options) => Build(options).Write(stream);

    /// <summary>The metadata and the tensors, whose data is generated while it is written.</summary>
    public static GgufWriter Build(RandomModelOptions options)
    {
        var shape = options.Shape;
        Check(options);
        var writer = new GgufWriter();
        var vocabulary = new RandomVocabulary(options.Vocabulary, shape.VocabularySize, options.Seed);
        WriteMetadata(writer, options);
        vocabulary.WriteTo(writer, options.PreTokenizer);

        var embeddingType = options.EmbeddingType ?? options.WeightType;
        var kvWidth = shape.KvHeadCount * shape.HeadLength;
        var index = 0;
        Matrix("token_embd.weight", embeddingType, shape.Width, shape.VocabularySize, LogitSpread, vocabulary.IsQuiet);
        for (var i = 0; i < shape.LayerCount; i++)
        {
            Ones($"blk.{i}.attn_norm.weight");
            Matrix($"blk.{i}.attn_q.weight", options.WeightType, shape.Width, shape.Width);
            Matrix($"blk.{i}.attn_k.weight", options.WeightType, shape.Width, kvWidth);
            Matrix($"blk.{i}.attn_v.weight", options.WeightType, shape.Width, kvWidth);
            Matrix($"blk.{i}.attn_output.weight", options.WeightType, shape.Width, shape.Width);
            Ones($"blk.{i}.ffn_norm.weight");
            Matrix($"blk.{i}.ffn_gate.weight", options.WeightType, shape.Width, shape.FeedForwardLength);
            Matrix($"blk.{i}.ffn_up.weight", options.WeightType, shape.Width, shape.FeedForwardLength);
            Matrix($"blk.{i}.ffn_down.weight", options.WeightType, shape.FeedForwardLength, shape.Width);
        }

        Ones("output_norm.weight");
        if (!shape.HasTiedOutput)
            Matrix("output.weight", embeddingType, shape.Width, shape.VocabularySize, LogitSpread, vocabulary.IsQuiet);
        return writer;

        void Matrix(string name, GgufTensorType type, int rowLength, int rows, float gain = 1, Predicate<int>? isQuiet = null)
        {
            // One stream of numbers for each tensor: its weights do not depend on what was written before.
            var seed = unchecked(options.Seed * 1_000_003 + index++);
            writer.AddTensor(name, type, [rowLength, rows], stream => WriteMatrix(stream, type, rowLength, rows, gain, isQuiet, seed));
        }

        void Ones(string name)
        {
            var values = new float[shape.Width];
            Array.Fill(values, 1);
            writer.AddTensor(name, GgufTensorType.F32, [shape.Width], stream =>
                stream.Write(MemoryMarshal.AsBytes(values.AsSpan())));
        }
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

    private static void WriteMetadata(GgufWriter writer, RandomModelOptions options)
    {
        var shape = options.Shape;
        writer.Set("general.architecture", GgufValue.From("llama"));
        writer.Set("general.type", GgufValue.From("model"));
        writer.Set("general.name", GgufValue.From(options.Name));
        // llama.h: LLAMA_FTYPE_*.
        writer.Set("general.file_type", GgufValue.From(options.WeightType switch
        {
            GgufTensorType.F16 => 1u,
            GgufTensorType.Q4_0 => 2u,
            GgufTensorType.Q8_0 => 7u,
            _ => 0u,
        }));
        writer.Set("general.quantization_version", GgufValue.From(2u));
        writer.Set("llama.context_length", GgufValue.From((uint)shape.ContextLength));
        writer.Set("llama.embedding_length", GgufValue.From((uint)shape.Width));
        writer.Set("llama.block_count", GgufValue.From((uint)shape.LayerCount));
        writer.Set("llama.feed_forward_length", GgufValue.From((uint)shape.FeedForwardLength));
        writer.Set("llama.attention.head_count", GgufValue.From((uint)shape.HeadCount));
        writer.Set("llama.attention.head_count_kv", GgufValue.From((uint)shape.KvHeadCount));
        writer.Set("llama.attention.layer_norm_rms_epsilon", GgufValue.From(shape.RmsEpsilon));
        writer.Set("llama.rope.dimension_count", GgufValue.From((uint)shape.HeadLength));
        writer.Set("llama.rope.freq_base", GgufValue.From(shape.RopeBase));
        writer.Set("llama.vocab_size", GgufValue.From((uint)shape.VocabularySize));
        if (options.PoolingType is { } pooling)
            writer.Set("llama.pooling_type", GgufValue.From((uint)pooling));
        if (options.ChatTemplate is { } template)
            writer.Set("tokenizer.chat_template", GgufValue.From(template));
    }

    private static void Check(RandomModelOptions options)
    {
        var shape = options.Shape;
        if (shape.Width % shape.HeadCount != 0 || shape.HeadLength % 2 != 0 || shape.HeadCount % shape.KvHeadCount != 0)
            throw new ArgumentException("The heads do not divide the width evenly.", nameof(options));
        if (!Quantizer.Supports(options.WeightType) || !Quantizer.Supports(options.EmbeddingType ?? options.WeightType))
            throw new ArgumentException("There is no encoder for these weights.", nameof(options));
    }
}
