using System.Buffers;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Patterns;

/// <summary>
/// A pattern as a deterministic automaton over code points. It finds what a backtracking matcher would find, in time
/// proportional to the text. Immutable, so thread-safe.
/// </summary>
/// <remarks>
/// A match is found by running on until no longer one is possible. What lies between the end of the match and that
/// point would be run through again, which makes some patterns quadratic (<c>a*b|a</c> on many a). As T. Reps showed
/// ("Maximal-munch tokenization in linear time", 1998), remembering the pairs of state and position that led nowhere
/// bounds it.
/// </remarks>
internal sealed class Pattern
{
    // What is run through twice, at most, before pairs are remembered.
    private const int FreeOverrun = 16;

    private readonly CharacterClasses _classes;
    private readonly LookAround[] _looks;
    private readonly int[] _table;

    /// <exception cref="PatternException">It cannot be read, or is too large.</exception>
    public Pattern(string pattern)
    {
        var program = PatternProgram.Compile(PatternParser.Parse(pattern), out var sets, out var looks);
        _looks = [.. looks];
        _classes = new CharacterClasses(sets);
        _table = new AutomatonBuilder(program, _classes, _looks.Length).Build();
    }

    /// <summary>Appends the matches of a text in order, none overlapping.</summary>
    public void FindAll(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        var marks = _looks.Length == 0 ? null : ArrayPool<byte>.Shared.Rent(text.Length + 1);
        marks?.AsSpan(0, text.Length + 1).Clear();
        for (var i = 0; i < _looks.Length; i++)
            _looks[i].Mark(text, _classes, marks, i);

        HashSet<(int State, int Position)>? futile = null;
        var lastEnd = -1;
        for (var start = 0; start <= text.Length;)
        {
            var end = Match(text, start, marks, ref futile);

            // An empty match right behind the last one is no match.
            if (end < 0 || (end == start && end == lastEnd))
            {
                start += start + 1 < text.Length && char.IsHighSurrogate(text[start]) ? 2 : 1;
                continue;
            }

            matches.Add((start, end));
            start = lastEnd = end;
        }

        if (marks is not null)
            ArrayPool<byte>.Shared.Return(marks);
    }

    private int Match(ReadOnlySpan<char> text, int start, byte[]? marks, ref HashSet<(int, int)>? futile)
    {
        var width = _classes.Count << _looks.Length;
        var end = -1;
        var state = 1;
        for (var position = start; ; )
        {
            var next = _classes.End;
            var length = 1;
            if (position < text.Length)
                next = _classes[CodePoint.At(text, position, out length)];
            if (marks is not null)
                next = (next << _looks.Length) | marks[position];

            var entry = _table[(state * width) + next];
            if ((entry & 1) != 0)
                end = position;
            state = entry >> 1;
            position += length;
            if (state == 0 || position > text.Length)
                return end;
            if (position - Math.Max(end, start) > FreeOverrun && !(futile ??= []).Add((state, position)))
                return end;
        }
    }
}
