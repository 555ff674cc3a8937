using System.Text.Encodings.Web;
using System.Text.Json;
using ModelRunner.Gguf;

namespace ModelRunner.Export.Tokenizers;

/// <summary>Writes <c>tokenizer_config.json</c>: the special tokens by name and the chat templates.</summary>
internal static class TokenizerConfig
{
    public const string FileName = "tokenizer_config.json";

    public static void Write(Stream stream, GgufVocabulary vocabulary, GgufFile file, int contextLength)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        json.WriteBoolean("add_bos_token", vocabulary.AddsBegin);
        json.WriteBoolean("add_eos_token", vocabulary.AddsEnd);
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        json.WriteNumber("model_max_length", contextLength);
        foreach (var (name, id) in (ReadOnlySpan<(string, int?)>)
            [("bos_token", vocabulary.Begin), ("eos_token", vocabulary.End), ("unk_token", vocabulary.Unknown), ("pad_token", vocabulary.Padding)])
            if (id is { } token)
                json.WriteString(name, vocabulary.Tokens[token]);
        WriteTemplates(json, GgufModelFacts.From(file));
        json.WriteEndObject();
    }

    /// <summary>One template as text, or several as a list of names and texts.</summary>
    private static void WriteTemplates(Utf8JsonWriter json, GgufModelFacts facts)
    {
        if (facts.NamedChatTemplates.Count == 0)
        {
            if (facts.ChatTemplate is { } only)
                json.WriteString("chat_template", only);
            return;
        }

        json.WriteStartArray("chat_template");
        if (facts.ChatTemplate is { } main)
            WriteTemplate("default", main);
        foreach (var (name, template) in facts.NamedChatTemplates)
            WriteTemplate(name, template);
        json.WriteEndArray();

        void WriteTemplate(string name, string template)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("template", template);
            json.WriteEndObject();
        }
    }
}
