using System.Text;
using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Tokenizers.Decoders;
using ModelRunner.Tokenizers.Json;
using ModelRunner.Tokenizers.Normalizers;
using ModelRunner.Tokenizers.PreTokenizers;

namespace ModelRunner.Tokenizers.Tests;

/// <summary>The parts of a tokenizer.json, each by itself, as the reference behaves.</summary>
public sealed class ComponentTests
{
    [Theory]
    [InlineData("""{"type": "NFC"}""", "e\u0301 \u1100\u1161\u11A8", "é 각")]
    [InlineData("""{"type": "NFD"}""", "é 각", "e\u0301 \u1100\u1161\u11A8")]
    [InlineData("""{"type": "NFKC"}""", "ﬁ ① ｶﾞ", "fi 1 ガ")]
    [InlineData("""{"type": "NFKD"}""", "ﬁé", "fie\u0301")]
    [InlineData("""{"type": "NFD"}""", "a\u0301\u0323", "a\u0323\u0301")]
    [InlineData("""{"type": "NFC"}""", "a\u0301\u0323", "ạ\u0301")]
    [InlineData("""{"type": "Lowercase"}""", "ABC ÉÜ İ Σ 𐐀", "abc éü i\u0307 σ 𐐨")]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": false}""", " \u3000a ", "a ")]
    [InlineData("""{"type": "StripAccents"}""", "e\u0301a\u20DD", "ea")]
    [InlineData("""{"type": "Prepend", "prepend": "▁"}""", "a", "▁a")]
    [InlineData("""{"type": "Prepend", "prepend": "▁"}""", "", "")]
    [InlineData("""{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}""", "a b", "a▁b")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}""", "a   b c", "a b c")]
    [InlineData("""{"type": "Nmt"}""", "a\u0001b\u200Bc\td", "ab c d")]
    [InlineData("""{"type": "ByteLevel"}""", "é \n", "Ã©ĠĊ")]
    [InlineData("""{"type": "BertNormalizer"}""", "ÉA\u0000b\t中x", "eab  中 x")]
    [InlineData("""{"type": "BertNormalizer", "lowercase": false}""", "ÉA", "ÉA")]
    [InlineData("""{"type": "BertNormalizer", "lowercase": false, "strip_accents": true, "handle_chinese_chars": false}""", "É中", "E中")]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "_"}, {"type": "Lowercase"}]}""", "A", "_a")]
    public void Normalize_ByKind_RewritesAsTheReference(string json, string text, string expected) =>
        Assert.Equal(expected, NormalizerReader.Read(Parse(json)).Normalize(text));

    [Theory]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": true}""", "a b'll 12", "Ġa|Ġb|'ll|Ġ12")]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}""", "a é", "aĠÃ©")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁"}""", "a  b", "▁a|▁|▁b")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": false}""", "a b", "a▁b")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "add_prefix_space": false}""", "a b", "a|▁b")]
    [InlineData("""{"type": "Whitespace"}""", "Hey man!?  é_1", "Hey|man|!?|é_1")]
    [InlineData("""{"type": "WhitespaceSplit"}""", " a!\u3000b\n", "a!|b")]
    [InlineData("""{"type": "BertPreTokenizer"}""", "Hey, it's “x”…", "Hey|,|it|'|s|“|x|”|…")]
    [InlineData("""{"type": "Punctuation"}""", "a!!b$", "a|!|!|b|$")]
    [InlineData("""{"type": "Punctuation", "behavior": "Contiguous"}""", "a!!b", "a|!!|b")]
    [InlineData("""{"type": "Digits", "individual_digits": true}""", "a12Ⅷ", "a|1|2|Ⅷ")]
    [InlineData("""{"type": "Digits", "individual_digits": false}""", "a12b½", "a|12|b|½")]
    [InlineData("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "Removed"}""", "the-final--countdown", "the|final|countdown")]
    [InlineData("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "Isolated"}""", "the-final--countdown", "the|-|final|-|-|countdown")]
    [InlineData("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "MergedWithPrevious"}""", "the-final--countdown", "the-|final-|-|countdown")]
    [InlineData("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "MergedWithNext"}""", "the-final--countdown", "the|-final|-|-countdown")]
    [InlineData("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "Contiguous"}""", "the-final--countdown", "the|-|final|--|countdown")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "\\p{L}+"}, "behavior": "Removed", "invert": true}""", "ab1 c", "ab|c")]
    [InlineData("""{"type": "CharDelimiterSplit", "delimiter": "|"}""", "a|b||c", "a|b|c")]
    [InlineData("""{"type": "UnicodeScripts"}""", "Apples are りんご 林檎", "Apples are |りんご 林檎")]
    [InlineData("""{"type": "UnicodeScripts"}""", "どこで生れ。Yes", "どこで生れ|。|Yes")]
    [InlineData("""{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Digits", "individual_digits": true}]}""", "a 12", "a|1|2")]
    public void PreTokenize_ByKind_SplitsAsTheReference(string json, string text, string expected)
    {
        var buffer = new PieceBuffer();
        buffer.Reset(text, isFirst: true);
        PreTokenizerReader.Read(Parse(json)).Apply(buffer);

        Assert.Equal(expected, string.Join('|', buffer.Pieces.ToArray().Select(piece => buffer[piece].ToString())));
    }

    [Fact]
    public void PreTokenize_MetaspaceBeforeTheFirst_LooksAtThePlace()
    {
        var metaspace = PreTokenizerReader.Read(Parse("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}"""));
        var buffer = new PieceBuffer();
        buffer.Reset("a", isFirst: false);
        metaspace.Apply(buffer);
        Assert.Equal("a", buffer.Text.ToString());

        buffer.Reset("a", isFirst: true);
        metaspace.Apply(buffer);
        Assert.Equal("▁a", buffer.Text.ToString());
    }

    [Theory]
    [InlineData("""{"type": "ByteLevel"}""", "ĠÃ", new byte[] { 0x20, 0xC3 })]
    [InlineData("""{"type": "ByteFallback"}""", "<0xC3>", new byte[] { 0xC3 })]
    [InlineData("""{"type": "ByteFallback"}""", "<0xG3>", new byte[] { 0x3C, 0x30, 0x78, 0x47, 0x33, 0x3E })]
    [InlineData("""{"type": "Metaspace", "replacement": "▁"}""", "▁a", new byte[] { 0x20, 0x61 })]
    [InlineData("""{"type": "WordPiece", "prefix": "##"}""", "##a", new byte[] { 0x61 })]
    [InlineData("""{"type": "WordPiece", "prefix": "##"}""", "a", new byte[] { 0x20, 0x61 })]
    [InlineData("""{"type": "BPEDecoder", "suffix": "</w>"}""", "a</w>", new byte[] { 0x61, 0x20 })]
    [InlineData("""{"type": "CTC"}""", "|", new byte[] { 0x20 })]
    [InlineData("""{"type": "CTC"}""", "<pad>", new byte[0])]
    [InlineData("""{"type": "Strip", "content": "_", "start": 1, "stop": 1}""", "__a_", new byte[] { 0x5F, 0x61 })]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "a+"}, "content": "b"}""", "aab", new byte[] { 0x62, 0x62 })]
    [InlineData(
        """{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}""",
        "▁a",
        new byte[] { 0x20, 0x61 })]
    public void Decode_ByKind_GivesTheBytesOfAToken(string json, string token, byte[] expected) =>
        Assert.Equal(expected, DecoderReader.Read(Parse(json)).Decode(Encoding.UTF8.GetBytes(token)));

    [Theory]
    [InlineData("""{"type": "Magic"}""", "t.json: type is 'Magic', which is not supported")]
    [InlineData("""{}""", "t.json: type is missing")]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "Lowercase"}, {"type": "Prepend"}]}""", "t.json: normalizers[1].prepend is missing")]
    [InlineData("""{"type": "Precompiled", "precompiled_charsmap": "////"}""", "t.json: precompiled_charsmap is no character map: is too short")]
    [InlineData("""{"type": "Precompiled", "precompiled_charsmap": "//8A/wAA"}""", "t.json: precompiled_charsmap is no character map: names a size")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "("}, "content": ""}""", "t.json: pattern.Regex has a group that does not end")]
    [InlineData("""{"type": "Replace", "pattern": {"String": ""}, "content": ""}""", "t.json: pattern is empty")]
    public void Read_BrokenNormalizer_NamesFileAndField(string json, string expected)
    {
        var exception = Assert.Throws<ModelLoadException>(() => NormalizerReader.Read(Parse(json)));
        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
    }

    private static JsonField Parse(string json) => new("t.json", "", JsonDocument.Parse(json).RootElement);
}
