using System.Text;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Normalizers;

/// <summary>BERT's basic tokenizer, as far as it rewrites text.</summary>
internal sealed class BertNormalizer(bool cleanText, bool handleChinese, bool stripAccents, bool lowercase) : Normalizer
{
    private static readonly Normalizer Accents = new Chain(
        [new Form(NormalizationForm.FormD), new Remove(CodePointSets.Category("Mn")!)]);

    private static readonly Normalizer Cases = new Lowercase();
    private static readonly CodePointSet Control =
        CodePointSets.Category("C")!.Except(CodePointSets.WhiteSpace).Union(CodePointSet.Of(0xFFFD))
            .Union(CodePointSet.Of([(0x0B, 0x0D), (0x85, 0x86)]));

    // BERT's own list of blocks, without Hangul, Hiragana and Katakana.
    private static readonly CodePointSet Chinese = CodePointSet.Of(
        [(0x4E00, 0xA000), (0x3400, 0x4DC0), (0x20000, 0x2A6E0), (0x2A700, 0x2B740), (0x2B740, 0x2B820),
            (0x2B920, 0x2CEB0), (0xF900, 0xFB00), (0x2F800, 0x2FA20)]);

    public override string Normalize(string text)
    {
        if (cleanText || handleChinese)
            text = Clean(text);
        if (stripAccents)
            text = Accents.Normalize(text);
        return lowercase ? Cases.Normalize(text) : text;
    }

    private string Clean(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var point = CodePoint.At(text, i, out var length);
            if (cleanText && Control.Contains(point))
            {
                // Left out.
            }
            else if (cleanText && CodePointSets.WhiteSpace.Contains(point))
                result.Append(' ');
            else if (handleChinese && Chinese.Contains(point))
                result.Append(' ').Append(text, i, length).Append(' ');
            else
                result.Append(text, i, length);
            i += length;
        }

        return result.ToString();
    }
}
