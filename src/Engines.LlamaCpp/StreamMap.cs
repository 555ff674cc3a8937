namespace ModelRunner.Engines.LlamaCpp;

/// <summary>
/// Where each sequence's KV lies. With a region of its own for each sequence, a <em>stream</em>, libllama computes a
/// batch in one pass only if its streams follow one another; each gap costs a further pass over all weights. So new
/// sequences are placed beside those that run, and when a set of running ones stays together, the gaps between them
/// are closed by moves. Pure: the session carries the moves out.
/// </summary>
internal sealed class StreamMap
{
    /// <summary>Steps that the same sequences must have run before one of them is moved.</summary>
    private const int StableSteps = 4;

    private readonly int[] _streamOf;
    private readonly int[] _sequenceIn;
    private readonly bool[] _isActive;
    private readonly bool[] _wasActive;
    private int _stableSteps;

    /// <summary>Makes an empty map.</summary>
    /// <param name="sequenceCount">Sequences.</param>
    /// <param name="streamCount">Streams; one more than sequences, so that two can be exchanged.</param>
    public StreamMap(int sequenceCount, int streamCount)
    {
        _streamOf = new int[sequenceCount];
        _sequenceIn = new int[streamCount];
        _isActive = new bool[streamCount];
        _wasActive = new bool[sequenceCount];
        Array.Fill(_streamOf, -1);
        Array.Fill(_sequenceIn, -1);
    }

    /// <summary>The stream of a sequence, or -1.</summary>
    public int this[int sequence] => _streamOf[sequence];

    /// <summary>The stream of a sequence; one that has none gets the free stream nearest to those that ran last.</summary>
    public int GetOrAssign(int sequence)
    {
        if (_streamOf[sequence] < 0)
            Put(sequence, FindFree());

        return _streamOf[sequence];
    }

    /// <summary>Takes the stream from a sequence.</summary>
    public void Free(int sequence)
    {
        if (_streamOf[sequence] < 0)
            return;

        _sequenceIn[_streamOf[sequence]] = -1;
        _streamOf[sequence] = -1;
    }

    /// <summary>
    /// Notes which sequences run in the next step, all of them with a stream, and says which one should be moved first.
    /// </summary>
    /// <returns>The move to carry out, already noted here; null for none.</returns>
    public StreamMove? Observe(ReadOnlySpan<int> sequences)
    {
        var isSame = IsSameSet(sequences);
        _stableSteps = isSame ? _stableSteps + 1 : 0;
        Array.Clear(_isActive);
        foreach (var sequence in sequences)
            _isActive[_streamOf[sequence]] = true;

        if (_stableSteps < StableSteps || CountRuns() < 2)
            return null;

        return FindMove(sequences.Length) is { } move ? Apply(move) : null;
    }

    private bool IsSameSet(ReadOnlySpan<int> sequences)
    {
        var isSame = true;
        foreach (var sequence in sequences)
            isSame &= _wasActive[sequence];

        var count = 0;
        foreach (var was in _wasActive)
            count += was ? 1 : 0;

        isSame &= count == sequences.Length;
        if (!isSame)
        {
            Array.Clear(_wasActive);
            foreach (var sequence in sequences)
                _wasActive[sequence] = true;
        }

        return isSame;
    }

    /// <summary>Spans of streams that run and follow one another.</summary>
    public int CountRuns()
    {
        var runs = 0;
        for (var stream = 0; stream < _isActive.Length; stream++)
            if (_isActive[stream] && (stream == 0 || !_isActive[stream - 1]))
                runs++;

        return runs;
    }

    private int FindFree()
    {
        int best = -1, bestDistance = int.MaxValue;
        for (var stream = 0; stream < _sequenceIn.Length; stream++)
        {
            var distance = DistanceToActive(stream);
            if (_sequenceIn[stream] < 0 && distance < bestDistance)
                (best, bestDistance) = (stream, distance);
        }

        return best >= 0 ? best : throw new InvalidOperationException("Every stream is taken.");
    }

    private int DistanceToActive(int stream)
    {
        var nearest = int.MaxValue - 1;
        for (var other = 0; other < _isActive.Length; other++)
            if (_isActive[other])
                nearest = Math.Min(nearest, Math.Abs(stream - other));

        return nearest;
    }

    /// <summary>A move into the span of streams that holds most of the running ones already.</summary>
    private StreamMove? FindMove(int count)
    {
        int first = 0, most = 0;
        for (var start = 0; start + count <= _isActive.Length; start++)
        {
            var inside = 0;
            for (var i = start; i < start + count; i++)
                inside += _isActive[i] ? 1 : 0;
            if (inside > most)
                (first, most) = (start, inside);
        }

        var target = Array.IndexOf(_isActive, false, first, count);
        var source = Array.FindIndex(_isActive, 0, first, static isActive => isActive);
        if (source < 0)
            source = Array.FindIndex(_isActive, first + count, static isActive => isActive);

        if (_sequenceIn[target] < 0)
            return new StreamMove(source, target, Spare: -1);

        var spare = Array.IndexOf(_sequenceIn, -1);
        return spare < 0 ? null : new StreamMove(source, target, spare);
    }

    private StreamMove Apply(StreamMove move)
    {
        var (moved, displaced) = (_sequenceIn[move.Source], _sequenceIn[move.Target]);
        Put(moved, move.Target);
        _sequenceIn[move.Source] = -1;
        if (displaced >= 0)
            Put(displaced, move.Source);

        _isActive[move.Target] = true;
        _isActive[move.Source] = false;
        return move;
    }

    private void Put(int sequence, int stream)
    {
        _streamOf[sequence] = stream;
        _sequenceIn[stream] = sequence;
    }
}
