using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Export.Tokenizers;
using ModelRunner.Gguf;
using ModelRunner.Testing;

namespace ModelRunner.Export.Tests.Tokenizers;

public sealed class TokenizerJsonTests
{
    private static readonly string[] Texts =
    [
        "", " ", "  ", "Once upon a time", " there was a  girl,\n named Lily.\n\n", "tabs\t\tand   spaces   ", "!!!!!! ??", "3 33 333 3333 12345 67",
        "I've been 'told he's there, 'RE you sure? We\u2019ll SEE", "na\u00efve caf\u00e9 \u2014 \u041d\u0435\u0449\u043e \u6211\u60f3\u5728 \u00bd",
        "def f(x):\n    return x**2  # comment\r\n", "a\u200bb\u00a0c", "\U0001F680 rocket", "<0x0A> aaaa AAaa aaAA $+<=>^~|", "the eettaa iinn oott ss",
    ];

    [Theory]
    [InlineData("smollm")]
    [InlineData("gpt-2")]
    [InlineData("llama-bpe")]
    [InlineData("qwen2")]
    [InlineData("default")]
    [InlineData("tekken")]
    public void Encode_ByteLevel_GivesLlamaCppsTokens(string preTokenizer) =>
        AssertSameTokens(FixtureModels.Get(new RandomModelOptions { PreTokenizer = preTokenizer }));

    [Fact]
    public void Encode_SentencePiece_GivesLlamaCppsTokens() => AssertSameTokens(FixtureModels.TinySentencePiece);

    [Fact]
    public void Encode_TrainedSentencePiece_GivesLlamaCppsTokens() => AssertSameTokens(SharedData.Stories260K);

    [Fact]
    public void Merges_FromScores_MakeThePiecesOfTheRealTokenizer()
    {
        var (real, merges) = RebuildPhi3();

        // Cuts of one piece come in no order that the original keeps; the pieces do.
        Assert.Equal(real.Order(StringComparer.Ordinal), merges.Order(StringComparer.Ordinal));
        Assert.Equal(Pieces(real).Where(piece => piece.Trim('\u2581').Length > 0), Pieces(merges).Where(piece => piece.Trim('\u2581').Length > 0));

        static IEnumerable<string> Pieces(IEnumerable<string> merges) => merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal)).Distinct();
    }

    [Fact]
    public void Encode_MergesFromScores_GivesTheRealTokens()
    {
        var (_, merges) = RebuildPhi3();
        var root = JsonNode.Parse(ReadPhi3())!;
        root["model"]!["merges"] = new JsonArray([.. merges.Select(merge => new JsonArray([.. merge.Split(' ').Select(piece => (JsonNode)piece)]))]);
        var tokenizer = new JsonTokenizer(root.ToJsonString());
        using var cases = JsonDocument.Parse(File.ReadAllText(SharedData.Require("data/tokenizers/phi3/cases.json")));
        foreach (var known in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var text = known.GetProperty("text").GetString()!;
            if (!text.Contains("<|", StringComparison.Ordinal))
                Assert.Equal(known.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), tokenizer.Encode(text));
        }
    }

    [Fact]
    public void Write_ControlTokens_AreAddedTokensOnly()
    {
        using var json = JsonDocument.Parse(Write(FixtureModels.Tiny));
        var added = json.RootElement.GetProperty("added_tokens").EnumerateArray().ToList();

        Assert.Equal(["<|endoftext|>", "<|im_start|>", "<|im_end|>"], added.Select(token => token.GetProperty("content").GetString()));
        Assert.All(added, token => Assert.True(token.GetProperty("special").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("post_processor").ValueKind);
    }

    private static void AssertSameTokens(string gguf)
    {
        var tokenizer = new JsonTokenizer(Encoding.UTF8.GetString(Write(gguf)));
        using var model = LlamaModel.Load(gguf);
        foreach (var text in Texts)
            Assert.Equal(model.Tokenizer.Encode([TextSegment.Input(text)], addSpecial: false), tokenizer.Encode(text));
    }

    private static byte[] Write(string gguf)
    {
        using var stream = new MemoryStream();
        TokenizerJson.Write(stream, GgufVocabulary.From(GgufFile.Read(gguf).Metadata));
        return stream.ToArray();
    }

    /// <summary>The merges of a real tokenizer, and those that its vocabulary's scores give: Llama 2's, which fall by one.</summary>
    private static (List<string> Real, List<string> Rebuilt) RebuildPhi3()
    {
        using var json = JsonDocument.Parse(ReadPhi3());
        var model = json.RootElement.GetProperty("model");
        var tokens = model.GetProperty("vocab").EnumerateObject().OrderBy(entry => entry.Value.GetInt32()).Select(entry => entry.Name).ToList();
        // Three control tokens and the bytes come first; runs of spaces were added with a score below all others.
        var scores = tokens.Select((text, i) => i < 259 ? 0f : text.Length > 1 && text.Trim('\u2581').Length == 0 ? -1e9f : 259 - i).ToArray();
        var types = tokens.Select((_, i) => i == 0 ? TokenType.Unknown : i < 3 ? TokenType.Control : i < 259 ? TokenType.Byte : TokenType.Normal).ToArray();
        return (
            [.. model.GetProperty("merges").EnumerateArray().Select(merge => merge.GetString()!)],
            [.. SentencePieceMerges.Build(tokens, scores, types).Select(merge => $"{merge.Left} {merge.Right}")]);
    }

    private static string ReadPhi3()
    {
        using var file = File.OpenRead(SharedData.Require("data/tokenizers/phi3/tokenizer.json.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
