using System.Text.Json.Nodes;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Tokenizers.Tests;

/// <summary>Builds a tokenizer.json from its parts, with random vocabularies.</summary>
internal sealed class SyntheticTokenizer
{
    private static readonly string[] Characters =
        [.. "abcdefghijklmnopqrstuvwxyzABCTQ0123456789.,'!?-".Select(letter => letter.ToString()), "é", "中", "漢", "字", "か", "한", "😀"];

    public string Model { get; init; } = """{"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"}""";

    public string? Normalizer { get; init; }

    public string? PreTokenizer { get; init; }

    public string? PostProcessor { get; init; }

    public string? Decoder { get; init; }

    public string AddedTokens { get; init; } = "[]";

    public string? Config { get; init; }

    public string Json =>
        $$"""
        {
          "version": "1.0", "truncation": null, "padding": null, "added_tokens": {{AddedTokens}},
          "normalizer": {{Normalizer ?? "null"}}, "pre_tokenizer": {{PreTokenizer ?? "null"}},
          "post_processor": {{PostProcessor ?? "null"}}, "decoder": {{Decoder ?? "null"}}, "model": {{Model}}
        }
        """;

    public ITokenizer Load(TokenizerFolderOptions? options = null)
    {
        var folder = Directory.CreateTempSubdirectory("tokenizer-").FullName;
        try
        {
            Write(folder);
            return TokenizerFolder.Load(folder, options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Write(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Json);
        if (Config is not null)
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), Config);
    }

    /// <summary>A vocabulary in which each of these texts is a token, in order.</summary>
    public static string Vocabulary(params IEnumerable<string> tokens) =>
        new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))).ToJsonString();

    /// <summary>Byte-pair encoding over an alphabet, with random merges of what is there.</summary>
    public static string Bpe(Random random, IEnumerable<string> alphabet, int mergeCount, string settings, string signs = "")
    {
        var start = alphabet.ToList();
        var tokens = start.ToList();
        var known = tokens.ToHashSet();
        var merges = new JsonArray();
        var arePairs = random.Next(2) == 0;
        var usable = tokens.Where(token => !token.StartsWith('<')).ToList();
        while (merges.Count < mergeCount)
        {
            var (left, right) = (usable[Skewed(random, usable.Count)], usable[Skewed(random, usable.Count)]);
            if (signs.Length > 0 && right.Contains(signs, StringComparison.Ordinal) && random.Next(50) > 0)
                (left, right) = (right, left);
            if (left.Length + right.Length > 12 || !known.Add(left + right))
                continue;
            tokens.Add(left + right);
            usable.Add(left + right);
            merges.Add(arePairs ? new JsonArray(left, right) : JsonValue.Create($"{left} {right}"));
        }

        return $$"""{"type": "BPE", "vocab": {{Vocabulary(tokens)}}, "merges": {{merges.ToJsonString()}}, {{settings}}}""";
    }

    public static IEnumerable<string> ByteCharacters => ByteAlphabet.Characters.ToArray().Select(letter => letter.ToString());

    public static IEnumerable<string> SentencePieceCharacters =>
        ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "\u2581", .. Characters];

    /// <summary>Random texts of the common characters, with their scores.</summary>
    public static string Unigram(Random random, int count, bool byteFallback)
    {
        var tokens = new JsonArray(new JsonArray("<unk>", 0.0));
        var known = new HashSet<string>();
        foreach (var character in Characters.Append("\u2581").Concat(byteFallback ? SentencePieceCharacters.Skip(3).Take(256) : []))
            if (known.Add(character) && character is not ("q" or "漢"))
                tokens.Add(new JsonArray(character, -5 - (random.NextDouble() * 6)));
        while (tokens.Count < count)
        {
            var text = (random.Next(3) == 0 ? "\u2581" : "") + string.Concat(Enumerable.Range(0, random.Next(2, 5)).Select(_ => Characters[Skewed(random, Characters.Length)]));
            if (known.Add(text))
                tokens.Add(new JsonArray(text, -4 - (random.NextDouble() * 8)));
        }

        return $$"""{"type": "Unigram", "unk_id": 0, "vocab": {{tokens.ToJsonString()}}, "byte_fallback": {{(byteFallback ? "true" : "false")}}}""";
    }

    public static string WordPiece(Random random, int count)
    {
        var tokens = new List<string> { "[PAD]", "[UNK]", "[CLS]", "[SEP]" };
        var known = new HashSet<string>();
        foreach (var character in Characters.Where(character => character is not ("q" or "漢")))
            tokens.AddRange([character, "##" + character]);
        while (tokens.Count < count)
        {
            var text = (random.Next(2) == 0 ? "##" : "") + string.Concat(Enumerable.Range(0, random.Next(2, 5)).Select(_ => Characters[Skewed(random, 26)]));
            if (known.Add(text))
                tokens.Add(text);
        }

        return $$"""{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 20, "vocab": {{Vocabulary(tokens)}}}""";
    }

    /// <summary>Text that mixes words of the common characters with everything else.</summary>
    public static string Text(Random random, int length)
    {
        var text = "";
        while (text.Length < length)
            text += random.Next(4) == 0
                ? RandomText.Any(random, 1)
                : (random.Next(2) == 0 ? " " : "") + string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => Characters[Skewed(random, Characters.Length)]));
        return text;
    }

    // Small numbers are more frequent, so that random merges meet random text.
    private static int Skewed(Random random, int count) => random.Next(1 + random.Next(1 + random.Next(count)));
}
