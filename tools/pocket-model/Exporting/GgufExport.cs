using ModelRunner.Export;
using ModelRunner.Gguf;
using ModelRunner.PocketModel.Tokens;

namespace ModelRunner.PocketModel.Exporting;

/// <summary>Writes the trained weights as a GGUF of the llama architecture, with vocabulary and chat template.</summary>
internal static class GgufExport
{
    private const int KvHeadCount = 2;
    private const int HeadLength = 32;

    // llama.cpp: LLAMA_TOKEN_TYPE_*.
    private const int Normal = 1;
    private const int Control = 3;
    private const int UserDefined = 4;

    public static void Write(Weights weights, Vocabulary vocabulary, string chatTemplate, GgufTensorType type, string path)
    {
        var writer = new GgufWriter();
        var (embedding, _) = weights["embedding.weight"];
        var width = embedding[1];
        writer.Set("general.architecture", GgufValue.From("llama"));
        writer.Set("general.type", GgufValue.From("model"));
        writer.Set("general.name", GgufValue.From("Pocket"));
        writer.Set("general.author", GgufValue.From("ModelRunner"));
        writer.Set("general.license", GgufValue.From("mit"));
        writer.Set("general.description", GgufValue.From("A demonstration: a very small chat model, trained from nothing on text written for it."));
        writer.Set("general.file_type", GgufValue.From(type == GgufTensorType.Q8_0 ? 7u : 0u));
        writer.Set("general.quantization_version", GgufValue.From(2u));
        writer.Set("llama.context_length", GgufValue.From(1024u));
        writer.Set("llama.embedding_length", GgufValue.From((uint)width));
        writer.Set("llama.block_count", GgufValue.From((uint)weights.LayerCount));
        writer.Set("llama.feed_forward_length", GgufValue.From((uint)weights["layers.0.gate.weight"].Shape[0]));
        writer.Set("llama.attention.head_count", GgufValue.From((uint)(width / HeadLength)));
        writer.Set("llama.attention.head_count_kv", GgufValue.From((uint)KvHeadCount));
        writer.Set("llama.attention.layer_norm_rms_epsilon", GgufValue.From(1e-5f));
        writer.Set("llama.rope.dimension_count", GgufValue.From((uint)HeadLength));
        writer.Set("llama.rope.freq_base", GgufValue.From(10000f));
        writer.Set("llama.vocab_size", GgufValue.From((uint)embedding[0]));
        WriteVocabulary(writer, vocabulary);
        writer.Set("tokenizer.chat_template", GgufValue.From(chatTemplate));

        Matrix("token_embd.weight", "embedding.weight");
        for (var i = 0; i < weights.LayerCount; i++)
        {
            Vector($"blk.{i}.attn_norm.weight", $"layers.{i}.attn_norm.weight");
            Matrix($"blk.{i}.attn_q.weight", $"layers.{i}.q.weight");
            Matrix($"blk.{i}.attn_k.weight", $"layers.{i}.k.weight");
            Matrix($"blk.{i}.attn_v.weight", $"layers.{i}.v.weight");
            Matrix($"blk.{i}.attn_output.weight", $"layers.{i}.o.weight");
            Vector($"blk.{i}.ffn_norm.weight", $"layers.{i}.ffn_norm.weight");
            Matrix($"blk.{i}.ffn_gate.weight", $"layers.{i}.gate.weight");
            Matrix($"blk.{i}.ffn_up.weight", $"layers.{i}.up.weight");
            Matrix($"blk.{i}.ffn_down.weight", $"layers.{i}.down.weight");
        }

        Vector("output_norm.weight", "norm.weight");
        writer.Write(path);

        void Matrix(string name, string source) => Add(name, source, type);

        void Vector(string name, string source) => Add(name, source, GgufTensorType.F32);

        void Add(string name, string source, GgufTensorType tensorType)
        {
            var (shape, values) = weights[source];
            long[] dimensions = [.. shape.Reverse().Select(size => (long)size)];
            writer.AddTensor(name, tensorType, dimensions, stream =>
            {
                var encoded = new byte[Quantizer.SizeInBytes(tensorType, values.Length)];
                Quantizer.Encode(tensorType, values, encoded);
                stream.Write(encoded);
            });
        }
    }

    private static void WriteVocabulary(GgufWriter writer, Vocabulary vocabulary)
    {
        var types = new int[vocabulary.Texts.Count];
        Array.Fill(types, Normal);
        types.AsSpan(0, Vocabulary.Controls.Count).Fill(Control);
        types.AsSpan(Vocabulary.Controls.Count, Vocabulary.Marks.Count).Fill(UserDefined);
        writer.Set("tokenizer.ggml.model", GgufValue.From("gpt2"));
        writer.Set("tokenizer.ggml.pre", GgufValue.From("smollm"));
        writer.Set("tokenizer.ggml.tokens", GgufValue.From(vocabulary.Texts));
        writer.Set("tokenizer.ggml.token_type", GgufValue.From(types));
        writer.Set("tokenizer.ggml.merges", GgufValue.From([.. vocabulary.Merges.Select(merge => $"{vocabulary.Texts[merge.Left]} {vocabulary.Texts[merge.Right]}")]));
        writer.Set("tokenizer.ggml.bos_token_id", GgufValue.From(0u));
        writer.Set("tokenizer.ggml.eos_token_id", GgufValue.From(2u));
        writer.Set("tokenizer.ggml.padding_token_id", GgufValue.From(0u));
        writer.Set("tokenizer.ggml.add_bos_token", GgufValue.From(false));
    }
}
