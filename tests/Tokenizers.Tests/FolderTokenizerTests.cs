using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Tokenizers.Tests;

public sealed class FolderTokenizerTests
{
    // Every letter is a token, and so is <unk>.
    private static readonly string Letters = $$"""
        {"type": "BPE", "vocab": {{SyntheticTokenizer.Vocabulary(["<unk>", "a", "b", "c", "<", ">", "|", "x", "ab", " ", "s", "▁"])}},
         "merges": ["a b"], "unk_token": "<unk>", "fuse_unk": false}
        """;

    private static readonly SyntheticTokenizer Marked = new()
    {
        Model = Letters,
        AddedTokens = """
            [{"id": 0, "content": "<unk>", "special": true}, {"id": 20, "content": "<s>", "special": true},
             {"id": 21, "content": "<x>", "special": false, "normalized": false},
             {"id": 22, "content": "<s><x>", "special": true},
             {"id": 23, "content": "<a>", "special": true, "lstrip": true, "rstrip": true},
             {"id": 24, "content": "abc", "special": false, "single_word": true, "normalized": false}]
            """,
    };

    [Theory]
    [InlineData("a<s>b", "a|<s>|b")]
    [InlineData("<s><x>", "<s><x>")]
    [InlineData("<x><s>", "<x>|<s>")]
    [InlineData("a  <a>  b", "a|<a>|b")]
    [InlineData("a <s> b", "a| |<s>| |b")]
    [InlineData("abc", "abc")]
    [InlineData(" abc ", " |abc| ")]
    [InlineData("abca", "ab|c|a")]
    [InlineData("aZZ", "a|<unk>|<unk>")]
    public void Encode_Trusted_FindsAddedTokensByTheirFlags(string text, string expected)
    {
        var tokenizer = Marked.Load();

        Assert.Equal(expected, string.Join('|', tokenizer.Names(tokenizer.Trusted(text))));
    }

    [Theory]
    [InlineData("a<s>b", "a|<|s|>|b")]
    [InlineData("<s><x>", "<|s|>|<x>")]
    [InlineData(" <a> ", " |<|a|>| ")]
    public void Encode_Input_KeepsTheTextOfControlTokens(string text, string expected)
    {
        var tokenizer = Marked.Load();

        Assert.Equal(expected, string.Join('|', tokenizer.Names(tokenizer.Input(text))));
    }

    [Theory]
    [InlineData("<s", ">b", "<|s|>|b")]
    [InlineData("<s>", "<s>", "<s>|<|s|>")]
    [InlineData("<a>", " a", "<a>|a")]
    [InlineData("a", "b", "ab")]
    public void Encode_InputBehindTrusted_MakesNoControlTokenAcross(string trusted, string input, string expected)
    {
        var tokenizer = Marked.Load();
        var tokens = tokenizer.Encode([TextSegment.Trusted(trusted), TextSegment.Input(input)], addSpecial: false);

        Assert.Equal(expected, string.Join('|', tokenizer.Names(tokens)));
    }

    [Fact]
    public void Encode_ControlTokenInNormalizedText_IsFoundWhereItIsTrusted()
    {
        var tokenizer = new SyntheticTokenizer
        {
            Model = Letters,
            Normalizer = """{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": " "}, {"type": "Lowercase"}]}""",
            AddedTokens = """[{"id": 20, "content": "<S>", "special": true, "normalized": true}]""",
        }.Load();
        TextSegment[] segments = [TextSegment.Trusted("a <s>"), TextSegment.Input("a <S>"), TextSegment.Trusted(" <S>")];

        Assert.Equal(" |a|<S>|a| |<|s|>|<S>", string.Join('|', tokenizer.Names(tokenizer.Encode(segments, addSpecial: false))));
    }

    [Fact]
    public void Tokens_ByKind_TellTextBytesAndControl()
    {
        var tokenizer = Marked.Load(new TokenizerFolderOptions { VocabularySize = 30, EndOfSequence = [20, 21], BeginOfSequence = 22 });

        Assert.Equal(30, tokenizer.VocabularySize);
        Assert.Equal("<s>", tokenizer.GetText(20));
        Assert.True(tokenizer.GetBytes(20).IsEmpty);
        Assert.True(tokenizer.IsControl(20));
        Assert.Equal("<x>"u8.ToArray(), tokenizer.GetBytes(21).ToArray());
        Assert.False(tokenizer.IsControl(21));
        Assert.Equal(20, tokenizer.EndOfSequence);
        Assert.Equal(22, tokenizer.BeginOfSequence);
        Assert.True(tokenizer.IsEndOfGeneration(21));
        Assert.False(tokenizer.IsEndOfGeneration(22));
        foreach (var token in new[] { -1, 15, 29, 30, int.MaxValue })
        {
            Assert.Equal("", tokenizer.GetText(token));
            Assert.True(tokenizer.GetBytes(token).IsEmpty);
            Assert.False(tokenizer.IsControl(token));
        }
    }

    [Theory]
    [InlineData("""{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "special_tokens": {"<s>": {"id": "<s>", "ids": [20], "tokens": ["<s>"]}}}""", "ab", "<s>|ab")]
    [InlineData("""{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "special_tokens": {"<s>": {"id": "<s>", "ids": [20], "tokens": ["<s>"]}}}""", "<s>ab", "<s>|ab")]
    [InlineData("""{"type": "BertProcessing", "cls": ["<s>", 20], "sep": ["<x>", 21]}""", "ab", "<s>|ab|<x>")]
    [InlineData("""{"type": "RobertaProcessing", "cls": ["<s>", 20], "sep": ["<x>", 21], "trim_offsets": true}""", "", "<s>|<x>")]
    [InlineData("""{"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "BertProcessing", "cls": ["<s>", 20], "sep": ["<x>", 21]}]}""", "a", "<s>|a|<x>")]
    public void Encode_AddSpecial_PutsThePostProcessorsTokensAround(string processor, string text, string expected)
    {
        var tokenizer = new SyntheticTokenizer { Model = Marked.Model, AddedTokens = Marked.AddedTokens, PostProcessor = processor }.Load();

        Assert.Equal(expected, string.Join('|', tokenizer.Names(tokenizer.Trusted(text, addSpecial: true))));
    }

    [Theory]
    [InlineData("""{"bos_token": "<s>", "add_bos_token": true}""", "<s>|a")]
    [InlineData("""{"bos_token": {"content": "<s>"}, "eos_token": "<x>", "add_bos_token": true, "add_eos_token": true}""", "<s>|a|<x>")]
    [InlineData("""{"bos_token": "<s>", "add_bos_token": false}""", "a")]
    [InlineData("""{"bos_token": "<s>"}""", "a")]
    public void Encode_AddSpecialWithoutPostProcessor_FollowsTheConfiguration(string config, string expected)
    {
        var tokenizer = new SyntheticTokenizer { Model = Marked.Model, AddedTokens = Marked.AddedTokens, Config = config }.Load();

        Assert.Equal(expected, string.Join('|', tokenizer.Names(tokenizer.Trusted("a", addSpecial: true))));
    }

    [Fact]
    public void Load_ConfigurationNamesControls_MakesThemSo()
    {
        var tokenizer = new SyntheticTokenizer
        {
            Model = Letters,
            Config = """
                {"eos_token": "x", "added_tokens_decoder": {"21": {"content": "<x>", "special": true}}, "additional_special_tokens": ["c"]}
                """,
        }.Load();

        Assert.All(new[] { "x", "<x>", "c" }, name => Assert.True(tokenizer.IsControl(Array.IndexOf(tokenizer.Names(Enumerable.Range(0, 22)), name))));
        Assert.Equal("x", tokenizer.GetText(tokenizer.EndOfSequence));
    }

    [Theory]
    [InlineData("a  b", "▁a|▁|▁b")]
    [InlineData("é", "▁|<0xC3>|<0xA9>")]
    [InlineData("éa", "▁|<0xC3>|<0xA9>|a")]
    [InlineData("ab", "▁a|b")]
    public void Encode_UnigramWithByteFallback_GivesBytesForTheUnknown(string text, string expected)
    {
        var tokenizer = new SyntheticTokenizer
        {
            Model = """
                {"type": "Unigram", "unk_id": 0, "byte_fallback": true,
                 "vocab": [["<unk>", 0], ["▁", -2], ["a", -3], ["b", -3], ["▁a", -3.5], ["▁b", -3.5], ["<0xC3>", -9], ["<0xA9>", -9]]}
                """,
            PreTokenizer = """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}""",
        }.Load();

        Assert.Equal(expected, string.Join('|', tokenizer.Names(tokenizer.Trusted(text))));
    }

    [Theory]
    [InlineData("unaffable", "un|##aff|##able")]
    [InlineData("unaffablex", "[UNK]")]
    [InlineData("ununununun un", "[UNK]|un")]
    public void Encode_WordPiece_TakesTheLongestOrTheUnknown(string text, string expected)
    {
        var tokenizer = new SyntheticTokenizer
        {
            Model = $$"""
                {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 9,
                 "vocab": {{SyntheticTokenizer.Vocabulary(["[UNK]", "un", "##un", "##aff", "##able", "##a"])}}}
                """,
            PreTokenizer = """{"type": "BertPreTokenizer"}""",
        }.Load();

        Assert.Equal(expected, string.Join('|', tokenizer.Names(tokenizer.Trusted(text))));
    }

    [Fact]
    public void Encode_IgnoreMerges_TakesAWholePieceThatIsAToken()
    {
        const string Model = """{"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "bc": 3, "abc": 4}, "merges": [["b", "c"]], "ignore_merges": IGNORED}""";

        Assert.Equal([4], new SyntheticTokenizer { Model = Model.Replace("IGNORED", "true", StringComparison.Ordinal) }.Load().Trusted("abc"));
        Assert.Equal([0, 3], new SyntheticTokenizer { Model = Model.Replace("IGNORED", "false", StringComparison.Ordinal) }.Load().Trusted("abc"));
    }

    [Theory]
    [InlineData("""{"type": "BPE"}""", "model.vocab is missing")]
    [InlineData("""{"type": "Neural"}""", "model.type is 'Neural'")]
    [InlineData("""{"type": "BPE", "vocab": [], "merges": []}""", "model.vocab must be an object")]
    [InlineData("""{"type": "BPE", "vocab": {"a": -1}, "merges": []}""", "model.vocab gives 'a' an id")]
    [InlineData("""{"type": "BPE", "vocab": {"a": 4000000000}, "merges": []}""", "model.vocab gives 'a' an id")]
    [InlineData("""{"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}""", "model.merges[0] must be two tokens")]
    [InlineData("""{"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "a"]]}""", "model.merges[0] makes or takes a token")]
    [InlineData("""{"type": "BPE", "vocab": {"a": 0}, "merges": {}}""", "model.merges must be a list")]
    [InlineData("""{"type": "BPE", "vocab": {"\ud800": 0}, "merges": []}""", "no text")]
    [InlineData("""{"type": "BPE", "vocab": {"a": 0}, "merges": [["\ud800", "a"]]}""", "model.merges[0][0] holds half")]
    [InlineData("""{"type": "Unigram", "vocab": [["a"]]}""", "model.vocab[0] must be a token and its score")]
    [InlineData("""{"type": "Unigram", "vocab": [["a", "b"]]}""", "model.vocab[0][1] must be a number")]
    [InlineData("""{"type": "Unigram", "unk_id": 7, "vocab": [["a", 0]]}""", "model.unk_id must be an integer")]
    [InlineData("""{"type": "WordPiece", "vocab": {"a": 0}, "max_input_chars_per_word": 1000000}""", "model.max_input_chars_per_word must be")]
    [InlineData("[", "not JSON")]
    [InlineData("5", "model must be an object")]
    public void Load_BrokenModel_NamesFileAndField(string model, string expected)
    {
        var exception = Assert.Throws<ModelLoadException>(() => new SyntheticTokenizer { Model = model }.Load());
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains("tokenizer", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FolderWithoutTokenizer_SaysSo()
    {
        var exception = Assert.Throws<ModelLoadException>(() => TokenizerFolder.Load(Path.Combine(Path.GetTempPath(), "there-is-none")));
        Assert.Equal("tokenizer.json: the folder has none", exception.Message);
    }
}
