namespace ModelRunner.Engines.LlamaCpp;

/// <summary>
/// Chooses the number of compute threads by the step times seen. ggml's threads spin at barriers: with another busy
/// process on the same cores every barrier waits for a thread that is not running, and a step takes many times as long
/// with all cores as with one fewer. Pure: durations in, a thread count out.
/// </summary>
internal sealed class AdaptiveThreads
{
    /// <summary>A step this many times slower than the best of its width is one that the barriers held up.</summary>
    private const double CollapseFactor = 2.5;

    /// <summary>So many of them in a row: one is an accident.</summary>
    private const int CollapseSteps = 3;

    /// <summary>Steps before all threads are tried again; doubled after each try that fails.</summary>
    private const int FirstRetry = 64;

    private const int LastRetry = 2048;

    private readonly int _maxThreads;
    private readonly double[] _bestSeconds;
    private int _threads;
    private int _slowSteps;
    private int _stepsUntilRetry;
    private int _retry = FirstRetry;
    private bool _isTrying;

    public AdaptiveThreads(int maxThreads, int maxWidth)
    {
        _maxThreads = _threads = maxThreads;
        _bestSeconds = new double[maxWidth + 1];
    }

    /// <summary>Learns from a step; a thread count when it should change from now on.</summary>
    /// <param name="tokenCount">Tokens of the step; wide steps, which are prefill, teach nothing.</param>
    /// <param name="duration">How long it took.</param>
    public int? Observe(int tokenCount, TimeSpan duration)
    {
        if (_maxThreads == 1 || tokenCount >= _bestSeconds.Length)
            return null;

        var seconds = duration.TotalSeconds;
        if (_threads < _maxThreads)
            return --_stepsUntilRetry > 0 ? null : TryAll();

        ref var best = ref _bestSeconds[tokenCount];
        var isSlow = best > 0 && seconds > CollapseFactor * best;
        if (!isSlow)
        {
            // The best creeps up, so that a longer context does not look like a busy neighbour for ever.
            best = best == 0 ? seconds : Math.Min(seconds, best * 1.01);
            _slowSteps = 0;
            if (_isTrying)
            {
                _isTrying = false;
                _retry = FirstRetry;
            }

            return null;
        }

        if (!_isTrying && ++_slowSteps < CollapseSteps)
        {
            best *= 1.01;
            return null;
        }

        return GiveWay();
    }

    private int GiveWay()
    {
        if (_isTrying)
            _retry = Math.Min(_retry * 2, LastRetry);

        _isTrying = false;
        _slowSteps = 0;
        _stepsUntilRetry = _retry;
        _threads = _maxThreads - 1;
        return _threads;
    }

    private int TryAll()
    {
        _isTrying = true;
        _threads = _maxThreads;
        return _threads;
    }
}
