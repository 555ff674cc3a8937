using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRunner.Testing;

namespace ModelRunner.Tokenizers.Tests;

/// <summary>
/// Random tokenizers of each kind beside another implementation, <c>@huggingface/tokenizers</c>. Runs where it is
/// installed: <c>npm ci --ignore-scripts</c> in <c>tests/Tokenizers.Tests/oracle</c>.
/// </summary>
public sealed class OracleTests
{
    private const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static TheoryData<string> Kinds =>
        ["gpt2", "llama3", "llama2", "llama2-metaspace", "unigram", "wordpiece", "clip", "nfkc"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Encode_RandomTokenizer_GivesTheTokensOfTheOracle(string kind)
    {
        var oracle = Path.Combine(Repository.Root, "tests", "Tokenizers.Tests", "oracle");
        Assert.SkipUnless(Directory.Exists(Path.Combine(oracle, "node_modules")), "the oracle is not installed");
        for (var seed = 0; seed < Campaign.Count(2, 100); seed++)
        {
            var random = new Random(seed);
            var synthetic = Make(kind, random);
            var texts = Enumerable.Range(0, 300).Select(_ => SyntheticTokenizer.Text(random, random.Next(60))).Where(text => IsComparable(kind, text)).ToArray();
            var expected = Ask(oracle, synthetic.Json, texts);
            var tokenizer = synthetic.Load();

            var wrong = texts.Zip(expected)
                .Where(pair => !pair.Second.AsSpan().SequenceEqual(tokenizer.Trusted(pair.First)))
                .Select(pair =>
                    $"{JsonSerializer.Serialize(pair.First)}: {string.Join(' ', tokenizer.Names(pair.Second))} got {string.Join(' ', tokenizer.Names(tokenizer.Trusted(pair.First)))}");
            Assert.True(!wrong.Any(), string.Join("\n", wrong.Take(5)));
        }
    }

    // JavaScript's white space has no U+0085 and has U+FEFF; its letters are of another version of Unicode.
    // For BERT it takes the halves of a surrogate pair for two characters.
    private static bool IsComparable(string kind, string text) => !(kind == "wordpiece" && text.EnumerateRunes().Any(rune => rune.Value >= 0x20000))
        && !text.Any(unit => unit is '\u0085' or '\uFEFF' or '\uFFFD') && !text.EnumerateRunes().Any(IsUnassigned);

    private static bool IsUnassigned(System.Text.Rune rune) =>
        System.Text.Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.OtherNotAssigned;

    private static SyntheticTokenizer Make(string kind, Random random) => kind switch
    {
        "gpt2" => new()
        {
            Model = SyntheticTokenizer.Bpe(random, SyntheticTokenizer.ByteCharacters, 600, "\"fuse_unk\": false"),
            PreTokenizer = """{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}""",
            Decoder = """{"type": "ByteLevel"}""",
        },
        "llama3" => new()
        {
            Model = SyntheticTokenizer.Bpe(random, SyntheticTokenizer.ByteCharacters, 600, "\"ignore_merges\": true"),
            Normalizer = """{"type": "NFC"}""",
            PreTokenizer = $$"""
                {"type": "Sequence", "pretokenizers": [
                  {"type": "Split", "pattern": {"Regex": {{JsonSerializer.Serialize(Llama3)}}}, "behavior": "Isolated", "invert": false},
                  {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}
                """,
            Decoder = """{"type": "ByteLevel"}""",
        },
        "llama2" => new()
        {
            Model = SyntheticTokenizer.Bpe(
                random, SyntheticTokenizer.SentencePieceCharacters, 600, "\"unk_token\": \"<unk>\", \"byte_fallback\": true, \"fuse_unk\": true", "\u2581"),
            Normalizer = """
                {"type": "Sequence", "normalizers": [
                  {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
                """,
        },
        "llama2-metaspace" => new()
        {
            Model = SyntheticTokenizer.Bpe(
                random, SyntheticTokenizer.SentencePieceCharacters, 600, "\"unk_token\": \"<unk>\", \"byte_fallback\": true, \"fuse_unk\": true", "\u2581"),
            PreTokenizer = """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}""",
        },
        "unigram" => new()
        {
            Model = SyntheticTokenizer.Unigram(random, 700, byteFallback: false),
            PreTokenizer = """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}""",
        },
        "wordpiece" => new()
        {
            Model = SyntheticTokenizer.WordPiece(random, 500),
            Normalizer = """{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}""",
            PreTokenizer = """{"type": "BertPreTokenizer"}""",
        },
        "clip" => new()
        {
            Model = SyntheticTokenizer.Bpe(
                random,
                [.. SyntheticTokenizer.ByteCharacters, .. SyntheticTokenizer.ByteCharacters.Select(letter => letter + "</w>")],
                600,
                "\"unk_token\": \"a\", \"continuing_subword_prefix\": \"\", \"end_of_word_suffix\": \"</w>\""),
            Normalizer = """{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}, {"type": "Lowercase"}]}""",
            PreTokenizer = """
                {"type": "Sequence", "pretokenizers": [
                  {"type": "Split", "pattern": {"Regex": "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"}, "behavior": "Removed", "invert": true},
                  {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}
                """,
        },
        _ => new()
        {
            Model = SyntheticTokenizer.Bpe(random, SyntheticTokenizer.ByteCharacters, 600, "\"fuse_unk\": false"),
            Normalizer = """{"type": "NFKC"}""",
            PreTokenizer = """
                {"type": "Sequence", "pretokenizers": [
                  {"type": "Digits", "individual_digits": true}, {"type": "Punctuation", "behavior": "Isolated"},
                  {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}]}
                """,
        },
    };

    private static int[][] Ask(string oracle, string json, string[] texts)
    {
        var request = Path.GetTempFileName();
        try
        {
            var content = new JsonObject
            {
                ["tokenizer"] = JsonNode.Parse(json),
                ["config"] = new JsonObject { ["tokenizer_class"] = "PreTrainedTokenizerFast" },
                ["texts"] = new JsonArray([.. texts.Select(text => (JsonNode)text)]),
            };
            File.WriteAllText(request, content.ToJsonString());
            using var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(oracle, "encode.mjs"), request])
            {
                RedirectStandardOutput = true,
                WorkingDirectory = oracle,
            })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return JsonSerializer.Deserialize<int[][]>(output)!;
        }
        finally
        {
            File.Delete(request);
        }
    }
}
