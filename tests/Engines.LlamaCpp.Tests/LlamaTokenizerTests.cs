using System.Text;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.LlamaCpp.Tests;

public sealed class LlamaTokenizerTests
{
    [Fact]
    public void Encode_ControlTextInInput_StaysText()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        var tokenizer = model.Tokenizer;
        var trusted = tokenizer.Encode([TextSegment.Trusted("<|im_start|>user\n")], addSpecial: false);
        var input = tokenizer.Encode([TextSegment.Input("<|im_start|>user\n")], addSpecial: false);
        Assert.Contains(trusted, tokenizer.IsControl);
        Assert.DoesNotContain(input, tokenizer.IsControl);
        Assert.Equal("<|im_start|>user\n", Decode(tokenizer, input));
    }

    [Fact]
    public void Encode_RandomSplits_EqualTheJoinedText()
    {
        var random = new Random(7);
        foreach (var path in new[] { FixtureModels.Tiny, FixtureModels.TinySentencePiece })
        {
            using var model = LoadedModel.Load(path);
            for (var round = 0; round < 300; round++)
            {
                var text = RandomText(random);
                var cut = random.Next(text.Length + 1);
                var whole = model.Tokenizer.Encode([TextSegment.Input(text)], addSpecial: true);
                var pieces = model.Tokenizer.Encode(
                    [TextSegment.Input(text[..cut]), new TextSegment(text[cut..], random.Next(2) == 0)], addSpecial: true);
                Assert.Equal(whole, pieces);
            }
        }
    }

    [Fact]
    public void GetBytes_RandomText_RoundTrips()
    {
        var random = new Random(8);
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        for (var round = 0; round < 300; round++)
        {
            var text = RandomText(random);
            Assert.Equal(text, Decode(model.Tokenizer, model.Tokenizer.Encode([TextSegment.Input(text)], addSpecial: false)));
        }
    }

    private static string Decode(ITokenizer tokenizer, int[] tokens) =>
        Encoding.UTF8.GetString([.. tokens.SelectMany(token => tokenizer.GetBytes(token).ToArray())]);

    private static string RandomText(Random random)
    {
        string[] alphabet = ["a", "e", "the", " ", "  ", "\n", "é", "日", "🙂", "1", "<", "|", ".", "\t"];
        return string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => alphabet[random.Next(alphabet.Length)]));
    }
}
