namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// Which row of the KV cache a sequence has. A step over rows that follow one another is one launch; a row between
/// them is computed for nothing. So new sequences get rows beside those that run, and gaps that stay are closed. Pure.
/// </summary>
internal sealed class RowMap
{
    /// <summary>Steps with the same gap before it is closed: a sequence that sits out once comes back.</summary>
    public const int PatienceInSteps = 4;

    private readonly int[] _rowOf;
    private readonly int[] _sequenceIn;
    private readonly bool[] _isMember;
    private int _middle;
    private int _stepsWithGap;

    public RowMap(int rowCount)
    {
        _rowOf = new int[rowCount];
        _sequenceIn = new int[rowCount];
        _isMember = new bool[rowCount];
        Array.Fill(_rowOf, -1);
        Array.Fill(_sequenceIn, -1);
    }

    /// <summary>The row of a sequence, or -1.</summary>
    public int this[int sequence] => _rowOf[sequence];

    /// <summary>The sequence of a row, or -1.</summary>
    public int SequenceIn(int row) => _sequenceIn[row];

    /// <summary>The row of a sequence: a free one as near as can be to those that ran last, when it has none.</summary>
    public int GetOrAssign(int sequence)
    {
        if (_rowOf[sequence] >= 0)
            return _rowOf[sequence];

        var best = -1;
        for (var row = 0; row < _sequenceIn.Length; row++)
            if (_sequenceIn[row] < 0 && (best < 0 || Math.Abs(row - _middle) < Math.Abs(best - _middle)))
                best = row;

        _sequenceIn[best] = sequence;
        return _rowOf[sequence] = best;
    }

    /// <summary>Takes the row of a sequence away.</summary>
    public void Free(int sequence)
    {
        if (_rowOf[sequence] < 0)
            return;
        _sequenceIn[_rowOf[sequence]] = -1;
        _rowOf[sequence] = -1;
    }

    /// <summary>First row and number of rows from the first to the last of these sequences, which have rows.</summary>
    public (int First, int Count) SpanOf(ReadOnlySpan<int> sequences)
    {
        int first = int.MaxValue, last = -1;
        foreach (var sequence in sequences)
        {
            first = Math.Min(first, _rowOf[sequence]);
            last = Math.Max(last, _rowOf[sequence]);
        }

        _middle = (first + last) / 2;
        return (first, last - first + 1);
    }

    /// <summary>
    /// The exchanges that bring the sequences of a step together, when it is time for that; they are done here, the
    /// caller moves the memory.
    /// </summary>
    /// <param name="sequences">Those that run now; all have rows.</param>
    /// <param name="lengths">Tokens by sequence.</param>
    /// <param name="maxLength">Tokens at which a row cannot be computed for nothing, because it is full.</param>
    /// <param name="exchanges">Receives at most as many as there are sequences.</param>
    /// <returns>How many.</returns>
    public int Gather(ReadOnlySpan<int> sequences, ReadOnlySpan<int> lengths, int maxLength, Span<RowExchange> exchanges)
    {
        var (first, count) = SpanOf(sequences);
        var gap = count - sequences.Length;
        if (gap == 0)
        {
            _stepsWithGap = 0;
            return 0;
        }

        Mark(sequences);
        var mustMove = gap * 2 > sequences.Length || HasFullRow(first, count, lengths, maxLength);
        if (!mustMove && ++_stepsWithGap < PatienceInSteps)
            return 0;

        _stepsWithGap = 0;
        return MoveInto(ChooseWindow(sequences.Length, lengths), sequences.Length, exchanges);
    }

    private void Mark(ReadOnlySpan<int> sequences)
    {
        Array.Clear(_isMember);
        foreach (var sequence in sequences)
            _isMember[sequence] = true;
    }

    private bool IsMemberRow(int row) => _sequenceIn[row] >= 0 && _isMember[_sequenceIn[row]];

    private bool HasFullRow(int first, int count, ReadOnlySpan<int> lengths, int maxLength)
    {
        for (var row = first; row < first + count; row++)
            if (_sequenceIn[row] >= 0 && !IsMemberRow(row) && lengths[_sequenceIn[row]] >= maxLength)
                return true;

        return false;
    }

    /// <summary>The window of rows with the fewest tokens to move, in or out.</summary>
    private int ChooseWindow(int count, ReadOnlySpan<int> lengths)
    {
        var best = 0;
        var bestCost = long.MaxValue;
        for (var start = 0; start + count <= _sequenceIn.Length; start++)
        {
            long cost = 0;
            for (var row = 0; row < _sequenceIn.Length; row++)
            {
                var isInside = row >= start && row < start + count;
                if (_sequenceIn[row] >= 0 && isInside != IsMemberRow(row))
                    cost += lengths[_sequenceIn[row]];
            }

            if (cost < bestCost)
                (best, bestCost) = (start, cost);
        }

        return best;
    }

    private int MoveInto(int start, int count, Span<RowExchange> exchanges)
    {
        var made = 0;
        var place = start;
        for (var row = 0; row < _sequenceIn.Length; row++)
        {
            if ((row >= start && row < start + count) || !IsMemberRow(row))
                continue;
            while (IsMemberRow(place))
                place++;
            Exchange(row, place);
            exchanges[made++] = new RowExchange(row, place);
        }

        return made;
    }

    private void Exchange(int left, int right)
    {
        (_sequenceIn[left], _sequenceIn[right]) = (_sequenceIn[right], _sequenceIn[left]);
        if (_sequenceIn[left] >= 0)
            _rowOf[_sequenceIn[left]] = left;
        if (_sequenceIn[right] >= 0)
            _rowOf[_sequenceIn[right]] = right;
    }
}
