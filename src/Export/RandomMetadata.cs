using ModelRunner.Gguf;

namespace ModelRunner.Export;

/// <summary>The metadata of a generated model, and the checks of what was asked for.</summary>
internal static class RandomMetadata
{
    /// <summary>By how much a scaled rotary position is stretched.</summary>
    public const float ScalingFactor = 4;

    public static void WriteTo(GgufWriter writer, RandomModelOptions options)
    {
        var shape = options.Shape;
        var prefix = options.Architecture + ".";
        writer.Set("general.architecture", GgufValue.From(options.Architecture));
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
        writer.Set(prefix + "context_length", GgufValue.From((uint)shape.ContextLength));
        writer.Set(prefix + "embedding_length", GgufValue.From((uint)shape.Width));
        writer.Set(prefix + "block_count", GgufValue.From((uint)shape.LayerCount));
        writer.Set(prefix + "feed_forward_length", GgufValue.From((uint)shape.FeedForwardLength));
        writer.Set(prefix + "attention.head_count", GgufValue.From((uint)shape.HeadCount));
        writer.Set(prefix + "attention.head_count_kv", GgufValue.From((uint)shape.KvHeadCount));
        writer.Set(prefix + "attention.layer_norm_rms_epsilon", GgufValue.From(shape.RmsEpsilon));
        writer.Set(prefix + "rope.dimension_count", GgufValue.From((uint)shape.HeadLength));
        if (shape.HeadLength * shape.HeadCount != shape.Width)
        {
            writer.Set(prefix + "attention.key_length", GgufValue.From((uint)shape.HeadLength));
            writer.Set(prefix + "attention.value_length", GgufValue.From((uint)shape.HeadLength));
        }

        writer.Set(prefix + "rope.freq_base", GgufValue.From(shape.RopeBase));
        writer.Set(prefix + "vocab_size", GgufValue.From((uint)shape.VocabularySize));
        if (options.RopeScaling is RopeScaling.Linear or RopeScaling.Yarn)
        {
            writer.Set(prefix + "rope.scaling.type", GgufValue.From(options.RopeScaling == RopeScaling.Yarn ? "yarn" : "linear"));
            writer.Set(prefix + "rope.scaling.factor", GgufValue.From(ScalingFactor));
            writer.Set(prefix + "rope.scaling.original_context_length", GgufValue.From((uint)(shape.ContextLength / ScalingFactor)));
        }

        if (options.PoolingType is { } pooling)
            writer.Set(prefix + "pooling_type", GgufValue.From((uint)pooling));
        if (options.ChatTemplate is { } template)
            writer.Set("tokenizer.chat_template", GgufValue.From(template));
    }

    public static void Check(RandomModelOptions options)
    {
        var shape = options.Shape;
        if (options.Architecture is not ("llama" or "qwen2" or "qwen3" or "smollm3"))
            throw new ArgumentException($"The architecture '{options.Architecture}' is not written.", nameof(options));
        if (shape.HeadLength % 2 != 0 || shape.HeadCount % shape.KvHeadCount != 0)
            throw new ArgumentException("The heads do not divide the width evenly.", nameof(options));
        if (!Quantizer.Supports(options.WeightType) || !Quantizer.Supports(options.EmbeddingType ?? options.WeightType))
            throw new ArgumentException("There is no encoder for these weights.", nameof(options));
    }
}
