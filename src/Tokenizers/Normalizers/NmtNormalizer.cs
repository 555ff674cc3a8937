using System.Text;

namespace ModelRunner.Tokenizers.Normalizers;

/// <summary>The rules of SentencePiece's <c>nmt_nfkc</c> that are not NFKC: drops controls, makes others a space.</summary>
internal sealed class NmtNormalizer : Normalizer
{
    public override string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var unit in text)
        {
            var isDropped = unit is (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F';
            if (isDropped)
                continue;
            var isSpace = unit is '\u0009' or '\u000A' or '\u000C' or '\u000D' or '\u1680' or (>= '\u200B' and <= '\u200F')
                or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD';
            result.Append(isSpace ? ' ' : unit);
        }

        return result.ToString();
    }
}
