using ModelRunner.Tokenizers.Patterns;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.PreTokenizers;

/// <summary>Splits each piece where something is found in it.</summary>
/// <param name="behavior">What becomes of the matches.</param>
/// <param name="invert">Whether what lies between the matches counts as a match instead.</param>
internal abstract class Splitter(SplitBehavior behavior, bool invert) : PreTokenizer
{
    public sealed override void Apply(PieceBuffer buffer)
    {
        foreach (var piece in buffer.Pieces)
        {
            buffer.Matches.Clear();
            FindAll(buffer[piece], buffer.Matches);
            var split = new PieceSplit(buffer, piece, behavior);
            var end = 0;
            foreach (var match in buffer.Matches)
            {
                if (end < match.Start)
                    split.Add(end, match.Start, invert);
                split.Add(match.Start, match.End, !invert);
                end = match.End;
            }

            if (end < piece.End - piece.Start)
                split.Add(end, piece.End - piece.Start, invert);
            split.Flush();
        }

        buffer.CommitSplit();
    }

    /// <summary>Appends the matches in order.</summary>
    protected abstract void FindAll(ReadOnlySpan<char> text, List<(int Start, int End)> matches);

    public sealed class OnPattern(Pattern pattern, SplitBehavior behavior, bool invert) : Splitter(behavior, invert)
    {
        protected override void FindAll(ReadOnlySpan<char> text, List<(int Start, int End)> matches) => pattern.FindAll(text, matches);
    }

    public sealed class OnText(string literal, SplitBehavior behavior, bool invert) : Splitter(behavior, invert)
    {
        protected override void FindAll(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
        {
            for (var start = 0; text[start..].IndexOf(literal, StringComparison.Ordinal) is var found and >= 0;)
            {
                matches.Add((start + found, start + found + literal.Length));
                start += found + literal.Length;
            }
        }
    }

    /// <summary>On each code point of a set.</summary>
    public sealed class OnSet(CodePointSet set, SplitBehavior behavior) : Splitter(behavior, invert: false)
    {
        protected override void FindAll(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
        {
            for (var i = 0; i < text.Length;)
            {
                if (set.Contains(CodePoint.At(text, i, out var length)))
                    matches.Add((i, i + length));
                i += length;
            }
        }
    }
}
