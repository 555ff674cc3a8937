using System.Text.Json;
using ModelRunner.Export.Onnx;
using ModelRunner.Export.Tokenizers;

namespace ModelRunner.Export.GenAi;

/// <summary>Writes <c>genai_config.json</c>, by which a folder is known as a model.</summary>
internal static class GenAiConfig
{
    public const string FileName = "genai_config.json";

    public static void Write(Stream stream, DecoderShape shape, GgufVocabulary vocabulary, ConversionOptions options)
    {
        var contextLength = options.ContextLength ?? shape.ContextLength;
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("model");
        json.WriteString("type", shape.Architecture);
        json.WriteNumber("vocab_size", shape.VocabularySize);
        json.WriteNumber("context_length", contextLength);
        WriteTokens(json, vocabulary);
        WriteDecoder(json, shape, options);
        json.WriteEndObject();

        json.WriteStartObject("search");
        json.WriteBoolean("do_sample", false);
        json.WriteNumber("max_length", contextLength);
        json.WriteBoolean("past_present_share_buffer", true);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTokens(Utf8JsonWriter json, GgufVocabulary vocabulary)
    {
        if (vocabulary.Begin is { } begin)
            json.WriteNumber("bos_token_id", begin);
        if (vocabulary.EndsOfGeneration.Count == 1)
            json.WriteNumber("eos_token_id", vocabulary.EndsOfGeneration[0]);
        else if (vocabulary.EndsOfGeneration.Count > 1)
        {
            json.WriteStartArray("eos_token_id");
            foreach (var id in vocabulary.EndsOfGeneration)
                json.WriteNumberValue(id);
            json.WriteEndArray();
        }

        if ((vocabulary.Padding ?? vocabulary.End) is { } padding)
            json.WriteNumber("pad_token_id", padding);
    }

    private static void WriteDecoder(Utf8JsonWriter json, DecoderShape shape, ConversionOptions options)
    {
        json.WriteStartObject("decoder");
        json.WriteStartObject("session_options");
        json.WriteStartArray("provider_options");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteString("filename", OnnxModelWriter.ModelFile);
        json.WriteNumber("head_size", shape.PaddedHeadLength);
        json.WriteNumber("hidden_size", shape.Width);
        json.WriteNumber("num_attention_heads", shape.HeadCount);
        json.WriteNumber("num_hidden_layers", shape.LayerCount);
        json.WriteNumber("num_key_value_heads", shape.KvHeadCount);
        json.WriteStartObject("inputs");
        json.WriteString("input_ids", "input_ids");
        json.WriteString("attention_mask", "attention_mask");
        json.WriteString("past_key_names", "past_key_values.%d.key");
        json.WriteString("past_value_names", "past_key_values.%d.value");
        json.WriteEndObject();
        json.WriteStartObject("outputs");
        json.WriteString("logits", "logits");
        if (options.HasHiddenStates)
            json.WriteString("hidden_states", "hidden_states");
        json.WriteString("present_key_names", "present.%d.key");
        json.WriteString("present_value_names", "present.%d.value");
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
