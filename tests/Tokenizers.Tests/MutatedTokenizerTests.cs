using System.Text;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Testing;

namespace ModelRunner.Tokenizers.Tests;

public sealed class MutatedTokenizerTests : IDisposable
{
    private static readonly string[] Replacements =
        ["null", "{}", "[]", "\"\"", "-1", "1e99", "\"\\ud800\"", "true", "[[", "\"(\"", "99999999", "\"Sequence\"", "\"Split\"", "\"Unigram\""];

    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_MutatedFiles_WorksOrNamesTheFile()
    {
        var random = new Random(5);
        var refused = 0;
        var count = Campaign.Count(300, 20_000);
        for (var i = 0; i < count; i++)
        {
            File.WriteAllBytes(Path.Combine(_folder, "tokenizer.json"), Mutate(random, Encoding.UTF8.GetBytes(Sources[i % Sources.Length])));
            try
            {
                var tokenizer = TokenizerFolder.Load(_folder);
                tokenizer.Trusted("The quick <s> brown 中 fox's 123  \n");
            }
            catch (ModelLoadException exception)
            {
                Assert.Contains("tokenizer", exception.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, count / 4, count - 1);
    }

    [Theory]
    [InlineData("[", 100_000)]
    [InlineData("{\"model\":", 100_000)]
    public void Load_DeeplyNestedFile_IsRefused(string part, int count)
    {
        File.WriteAllText(Path.Combine(_folder, "tokenizer.json"), string.Concat(Enumerable.Repeat(part, count)));

        Assert.StartsWith("tokenizer.json: not JSON", Assert.Throws<ModelLoadException>(() => TokenizerFolder.Load(_folder)).Message, StringComparison.Ordinal);
    }

    private static readonly string[] Sources =
    [
        new SyntheticTokenizer
        {
            Model = SyntheticTokenizer.Bpe(new Random(1), SyntheticTokenizer.ByteCharacters, 20, "\"fuse_unk\": false"),
            Normalizer = """{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": "a+(?!b)"}, "content": "c"}]}""",
            PreTokenizer = """{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "\\p{N}{1,3}|\\s+"}, "behavior": "Isolated", "invert": false}, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}""",
            Decoder = """{"type": "Sequence", "decoders": [{"type": "ByteLevel"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}""",
            AddedTokens = """[{"id": 300, "content": "<s>", "special": true, "normalized": false, "lstrip": true}]""",
            PostProcessor = """{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}], "special_tokens": {"<s>": {"id": "<s>", "ids": [300]}}}""",
        }.Json,
        new SyntheticTokenizer
        {
            Model = SyntheticTokenizer.Unigram(new Random(2), 120, byteFallback: false),
            PreTokenizer = """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}""",
            Decoder = """{"type": "Metaspace", "replacement": "▁"}""",
        }.Json,
        new SyntheticTokenizer
        {
            Model = SyntheticTokenizer.WordPiece(new Random(3), 120),
            Normalizer = """{"type": "BertNormalizer", "clean_text": true, "strip_accents": null, "lowercase": true}""",
            PreTokenizer = """{"type": "BertPreTokenizer"}""",
            PostProcessor = """{"type": "BertProcessing", "cls": ["[CLS]", 2], "sep": ["[SEP]", 3]}""",
            Decoder = """{"type": "WordPiece", "prefix": "##", "cleanup": true}""",
        }.Json,
    ];

    private static byte[] Mutate(Random random, byte[] bytes)
    {
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                for (var i = 0; i < 1 + random.Next(4); i++)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            default:
                // One value becomes another: what stands between a colon or comma and the next sign.
                var text = Encoding.UTF8.GetString(bytes);
                var start = text.IndexOfAny([':', ','], random.Next(text.Length));
                var end = start < 0 ? -1 : text.IndexOfAny([',', '}', ']'], start + 1);
                return end < 0 ? bytes : Encoding.UTF8.GetBytes(text[..(start + 1)] + Replacements[random.Next(Replacements.Length)] + text[end..]);
        }
    }
}
