using ModelRunner.Tokenizers.PreTokenizers;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Models;

/// <summary>
/// Splits before the sign for a space, behind a character that no merge joins to it. SentencePiece vocabularies come
/// without a pre-tokenizer, but almost none of their merges reach from one word into the next.
/// </summary>
/// <param name="crossings">The code points that stand before a sign in a merged token.</param>
internal sealed class MetaspaceRefinement(IReadOnlySet<int> crossings) : PreTokenizer
{
    public const char Sign = '\u2581';

    public override void Apply(PieceBuffer buffer)
    {
        foreach (var piece in buffer.Pieces)
        {
            var text = buffer[piece];
            var start = 0;
            for (var i = 1; i < text.Length; i++)
            {
                if (text[i] != Sign || crossings.Contains(CodePoint.Before(text, i, out _)))
                    continue;
                buffer.Add(piece.Start + start, piece.Start + i, piece.IsFirst && start == 0);
                start = i;
            }

            buffer.Add(piece.Start + start, piece.End, piece.IsFirst && start == 0);
        }

        buffer.CommitSplit();
    }

    /// <summary>Adds the code points of a token that stand before a sign.</summary>
    public static void AddCrossings(string token, HashSet<int> crossings)
    {
        for (var i = 1; i < token.Length; i++)
            if (token[i] == Sign)
                crossings.Add(CodePoint.Before(token, i, out _));
    }
}
