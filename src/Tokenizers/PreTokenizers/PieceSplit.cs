namespace ModelRunner.Tokenizers.PreTokenizers;

/// <summary>
/// Puts the parts of one piece together as a <see cref="SplitBehavior"/> wants, with one part held back until it is
/// known what joins it.
/// </summary>
internal ref struct PieceSplit(PieceBuffer buffer, Piece piece, SplitBehavior behavior)
{
    private int _start = -1;
    private int _end;
    private bool _lastIsMatch;

    public void Add(int start, int end, bool isMatch)
    {
        var joins = behavior switch
        {
            // A match joins what is before it, unless that is a match too.
            SplitBehavior.MergedWithPrevious => isMatch && !_lastIsMatch,

            // What is behind a match joins it; of several matches in a row only the last is joined.
            SplitBehavior.MergedWithNext => !isMatch && _lastIsMatch,
            SplitBehavior.Contiguous => isMatch == _lastIsMatch,
            _ => false,
        };
        _lastIsMatch = isMatch;
        if (behavior == SplitBehavior.Removed && isMatch)
            return;

        if (_start >= 0 && joins)
        {
            _end = end;
            return;
        }

        Flush();
        (_start, _end) = (start, end);
    }

    public void Flush()
    {
        if (_start >= 0)
            buffer.Add(piece.Start + _start, piece.Start + _end, piece.IsFirst && _start == 0);
    }
}
