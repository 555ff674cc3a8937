using System.Text;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Tokenizers.Tests;

public sealed class RoundTripTests
{
    [Theory]
    [InlineData("gpt2", "")]
    [InlineData("whisper", "")]
    [InlineData("phi3", " ")]
    public void Encode_RandomUnicode_JoinsToTheText(string name, string prefix)
    {
        var tokenizer = SharedTokenizers.Get(name);
        var random = new Random(1);
        for (var i = 0; i < Campaign.Count(2_000, 200_000); i++)
        {
            // The sign itself stands for a space in SentencePiece vocabularies.
            var text = RandomText.Any(random, random.Next(60)).Replace('\u2581', '.');

            Assert.Equal(text.Length == 0 ? "" : prefix + text, tokenizer.Text(tokenizer.Input(text)));
        }
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("whisper")]
    [InlineData("phi3")]
    public void Encode_TextInSegments_EqualsTheJoinedText(string name)
    {
        var tokenizer = SharedTokenizers.Get(name);
        var random = new Random(2);
        for (var i = 0; i < Campaign.Count(1_000, 100_000); i++)
        {
            var text = RandomText.Any(random, random.Next(60)) + "<|endoftext|><|assistant|>  " + RandomText.Any(random, random.Next(20));
            var cut = random.Next(text.Length);
            var other = random.Next(cut, text.Length);
            TextSegment[] trusted = [TextSegment.Trusted(text[..cut]), TextSegment.Trusted(text[cut..other]), TextSegment.Trusted(text[other..])];
            TextSegment[] input = [TextSegment.Input(text[..cut]), TextSegment.Input(text[cut..other]), TextSegment.Input(text[other..])];

            Assert.Equal(tokenizer.Trusted(text), tokenizer.Encode(trusted, addSpecial: false));
            Assert.Equal(tokenizer.Input(text), tokenizer.Encode(input, addSpecial: false));
            Assert.DoesNotContain(tokenizer.Encode(input, addSpecial: false), tokenizer.IsControl);
        }
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("phi3")]
    public async Task Encode_OneVeryLongWord_TakesNoQuadraticTime(string name)
    {
        var tokenizer = SharedTokenizers.Get(name);
        var random = new Random(3);
        var word = string.Concat(Enumerable.Range(0, 300_000).Select(_ => (char)('a' + random.Next(26))));
        var tokens = await Task.Run(() => tokenizer.Input(word), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.EndsWith(word, tokenizer.Text(tokens), StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_FromManyThreads_GivesTheSame()
    {
        var tokenizer = SharedTokenizers.Get("gpt2");
        var random = new Random(4);
        var texts = Enumerable.Range(0, 200).Select(_ => RandomText.Any(random, 200)).ToArray();
        var expected = texts.Select(tokenizer.Input).ToArray();

        Parallel.For(0, 2_000, i => Assert.Equal(expected[i % 200], tokenizer.Input(texts[i % 200])));
    }

    [Fact]
    public void Encode_HalfOfASurrogatePair_IsTheReplacementCharacter()
    {
        var tokenizer = SharedTokenizers.Get("gpt2");

        Assert.Equal("a\uFFFDb", tokenizer.Text(tokenizer.Input("a\uD83Db")));
        Assert.Equal("😀", tokenizer.Text(tokenizer.Encode([TextSegment.Input("\uD83D"), TextSegment.Trusted("\uDE00")], addSpecial: false)));
    }

    [Fact]
    public void Encode_WithAVocabularyThatIsCutShort_GivesNoTokenBeyond()
    {
        // The published random model of GPT-2's shape has 1,000 logits and the whole GPT-2 tokenizer.
        var source = SharedData.Require("models/genai/tiny-random-gpt2-fp32");
        Assert.SkipUnless(File.Exists(Path.Combine(source, "tokenizer.json")), "the model came without a tokenizer");
        var tokenizer = TokenizerFolder.Load(source, new TokenizerFolderOptions { VocabularySize = 1000 });
        var tokens = tokenizer.Input("Hello, wonderful world of tokenizers! 😀");

        Assert.Equal(1000, tokenizer.VocabularySize);
        Assert.All(tokens, token => Assert.InRange(token, 0, 999));
        Assert.Equal("Hello, wonderful world of tokenizers! 😀", Encoding.UTF8.GetString(tokenizer.Bytes(tokens)));
    }
}
