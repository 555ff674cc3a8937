using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.PreTokenizers;

/// <summary>
/// Splits where the script changes; Hiragana and Katakana count as Han. A space belongs to what is before it, and none
/// stands before the first other character, as in the reference.
/// </summary>
internal sealed class ScriptPreTokenizer : PreTokenizer
{
    private const int LongSoundMark = 0x30FC;

    private static readonly int Han = UnicodeScripts.Instance.Find("Han");
    private static readonly int Hiragana = UnicodeScripts.Instance.Find("Hiragana");
    private static readonly int Katakana = UnicodeScripts.Instance.Find("Katakana");

    public override void Apply(PieceBuffer buffer)
    {
        foreach (var piece in buffer.Pieces)
        {
            var text = buffer[piece];
            var start = -1;
            var last = -1;
            for (var i = 0; i < text.Length;)
            {
                var point = CodePoint.At(text, i, out var length);
                if (point != ' ' && GetScript(point) is var script && script != last)
                {
                    if (start >= 0)
                        buffer.Add(piece.Start + start, piece.Start + i, piece.IsFirst && start == 0);
                    (start, last) = (i, script);
                }

                i += length;
            }

            if (start >= 0)
                buffer.Add(piece.Start + start, piece.End, piece.IsFirst && start == 0);
        }

        buffer.CommitSplit();
    }

    private static int GetScript(int point)
    {
        var script = point == LongSoundMark ? Han : UnicodeScripts.Instance.GetScript(point);
        return script == Hiragana || script == Katakana ? Han : script;
    }
}
