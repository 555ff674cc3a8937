using System.Text.Encodings.Web;
using System.Text.Json;

namespace ModelRunner.Export.Tokenizers;

/// <summary>
/// Writes Hugging Face's <c>tokenizer.json</c> such that it gives llama.cpp's tokens: the same pieces between added
/// tokens, each piece of text with its own space prefix, bytes where no piece fits.
/// </summary>
internal static class TokenizerJson
{
    public const string FileName = "tokenizer.json";
    private const string Space = "\u2581";

    public static void Write(Stream stream, GgufVocabulary vocabulary)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json, vocabulary);
        if (vocabulary.IsByteLevel)
            WriteByteLevelSteps(json, vocabulary);
        else
            WriteSentencePieceSteps(json, vocabulary);
        WriteModel(json, vocabulary);
        json.WriteEndObject();
    }

    private static void WriteAddedTokens(Utf8JsonWriter json, GgufVocabulary vocabulary)
    {
        json.WriteStartArray("added_tokens");
        for (var id = 0; id < vocabulary.Tokens.Count; id++)
        {
            if (!vocabulary.IsAdded(id))
                continue;
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", vocabulary.Tokens[id]);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", vocabulary.TypeOf(id) != TokenType.UserDefined);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteByteLevelSteps(Utf8JsonWriter json, GgufVocabulary vocabulary)
    {
        json.WriteNull("normalizer");
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        foreach (var pattern in vocabulary.PreTokenizer!.Patterns)
        {
            json.WriteStartObject();
            json.WriteString("type", "Split");
            json.WriteStartObject("pattern");
            json.WriteString("Regex", pattern);
            json.WriteEndObject();
            json.WriteString("behavior", "Isolated");
            json.WriteBoolean("invert", false);
            json.WriteEndObject();
        }

        WriteByteLevel(json);
        json.WriteEndArray();
        json.WriteEndObject();
        WritePostProcessor(json, vocabulary);
        json.WritePropertyName("decoder");
        WriteByteLevel(json);
    }

    private static void WriteByteLevel(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", false);
        json.WriteEndObject();
    }

    private static void WriteSentencePieceSteps(Utf8JsonWriter json, GgufVocabulary vocabulary)
    {
        json.WriteStartObject("normalizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("normalizers");
        if (vocabulary.AddsSpacePrefix)
            WriteStep(json, "Prepend", () => json.WriteString("prepend", Space));
        WriteStep(json, "Replace", () => WriteReplacement(json, " ", Space));
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteNull("pre_tokenizer");
        WritePostProcessor(json, vocabulary);

        json.WriteStartObject("decoder");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("decoders");
        WriteStep(json, "Replace", () => WriteReplacement(json, Space, " "));
        WriteStep(json, "ByteFallback");
        WriteStep(json, "Fuse");
        if (vocabulary.AddsSpacePrefix)
        {
            WriteStep(json, "Strip", () =>
            {
                json.WriteString("content", " ");
                json.WriteNumber("start", 1);
                json.WriteNumber("stop", 0);
            });
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter json, string type, Action? writeRest = null)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        writeRest?.Invoke();
        json.WriteEndObject();
    }

    private static void WriteReplacement(Utf8JsonWriter json, string from, string to)
    {
        json.WriteStartObject("pattern");
        json.WriteString("String", from);
        json.WriteEndObject();
        json.WriteString("content", to);
    }

    /// <summary>The begin and end tokens that the model asks for.</summary>
    private static void WritePostProcessor(Utf8JsonWriter json, GgufVocabulary vocabulary)
    {
        var begin = vocabulary.AddsBegin ? vocabulary.Begin : null;
        var end = vocabulary.AddsEnd ? vocabulary.End : null;
        if (begin is null && end is null)
        {
            json.WriteNull("post_processor");
            return;
        }

        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        WriteTemplate("single", ["A"]);
        WriteTemplate("pair", ["A", "B"]);
        json.WriteStartObject("special_tokens");
        foreach (var id in new[] { begin, end }.OfType<int>().Distinct())
        {
            json.WriteStartObject(vocabulary.Tokens[id]);
            json.WriteString("id", vocabulary.Tokens[id]);
            json.WriteStartArray("ids");
            json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteStartArray("tokens");
            json.WriteStringValue(vocabulary.Tokens[id]);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();

        void WriteTemplate(string name, string[] sequences)
        {
            json.WriteStartArray(name);
            for (var i = 0; i < sequences.Length; i++)
            {
                WritePart(begin, "SpecialToken", i);
                WritePart(null, sequences[i], i);
                WritePart(end, "SpecialToken", i);
            }

            json.WriteEndArray();
        }

        void WritePart(int? token, string kind, int type)
        {
            if (kind == "SpecialToken" && token is null)
                return;
            json.WriteStartObject();
            json.WriteStartObject(token is null ? "Sequence" : kind);
            json.WriteString("id", token is { } id ? vocabulary.Tokens[id] : kind);
            json.WriteNumber("type_id", type);
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    private static void WriteModel(Utf8JsonWriter json, GgufVocabulary vocabulary)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        if (!vocabulary.IsByteLevel && vocabulary.Unknown is { } unknown)
            json.WriteString("unk_token", vocabulary.Tokens[unknown]);
        else
            json.WriteNull("unk_token");
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", !vocabulary.IsByteLevel);
        json.WriteBoolean("byte_fallback", !vocabulary.IsByteLevel);
        json.WriteBoolean("ignore_merges", vocabulary.PreTokenizer?.IgnoresMerges ?? false);
        json.WriteStartObject("vocab");
        for (var id = 0; id < vocabulary.Tokens.Count; id++)
            json.WriteNumber(vocabulary.Tokens[id], id);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var (left, right) in vocabulary.Merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(left);
            json.WriteStringValue(right);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
