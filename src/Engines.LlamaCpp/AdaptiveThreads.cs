namespace ModelRunner.Engines.LlamaCpp;

/// <summary>
/// Chooses the number of compute threads by the step times seen. ggml's threads spin at barriers: with another busy
/// process on the same cores every barrier waits for a thread that is not running, and a step takes many times as long
/// with all cores as with one fewer. Fewer threads are kept only while they are faster. Pure: durations in, a thread
/// count out.
/// </summary>
internal sealed class AdaptiveThreads
{
    /// <summary>A step this many times slower than the best of its width is one that the barriers held up.</summary>
    private const double CollapseFactor = 2.5;

    /// <summary>So many steps in a row decide: one is an accident.</summary>
    private const int DecidingSteps = 3;

    /// <summary>What a step with all threads may take of one with fewer, for all threads to be kept.</summary>
    private const double KeepFactor = 1.1;

    /// <summary>Seconds of steps before all threads are tried again, at least.</summary>
    private const double ShortestWait = 0.5;

    /// <summary>The wait after a try that failed, in multiples of what it cost: tries take a twentieth of the time at most.</summary>
    private const double WaitFactor = 20;

    private readonly int _maxThreads;
    private readonly double[] _full;
    private readonly double[] _reduced;
    private State _state = State.Full;
    private int _steps;
    private double _fastestSlow;
    private double _secondsUntilTry;

    /// <summary>Learns from a machine that it starts on with all threads.</summary>
    /// <param name="maxThreads">All of them.</param>
    /// <param name="maxWidth">Tokens of the widest step that is decoding.</param>
    public AdaptiveThreads(int maxThreads, int maxWidth)
    {
        _maxThreads = maxThreads;
        _full = new double[maxWidth + 1];
        _reduced = new double[maxWidth + 1];
    }

    private enum State
    {
        /// <summary>All threads.</summary>
        Full,

        /// <summary>One fewer, not yet known to be faster.</summary>
        Comparing,

        /// <summary>One fewer, which was faster.</summary>
        Reduced,

        /// <summary>All threads again, to see whether the neighbour has gone.</summary>
        Trying,
    }

    /// <summary>Learns from a step; a thread count when it should change from now on.</summary>
    /// <param name="tokenCount">Tokens of the step; wide steps, which are prefill, teach nothing.</param>
    /// <param name="duration">How long it took.</param>
    public int? Observe(int tokenCount, TimeSpan duration)
    {
        if (_maxThreads == 1 || tokenCount >= _full.Length)
            return null;

        var seconds = duration.TotalSeconds;
        return _state switch
        {
            State.Full => ObserveFull(ref _full[tokenCount], seconds),
            State.Comparing => Compare(tokenCount, seconds),
            State.Reduced => ObserveReduced(tokenCount, seconds),
            _ => ObserveTry(tokenCount, seconds),
        };
    }

    private int? ObserveFull(ref double best, double seconds)
    {
        if (best == 0 || seconds <= CollapseFactor * best)
        {
            // The best creeps up, so that a longer context does not look like a busy neighbour for ever.
            best = best == 0 ? seconds : Math.Min(seconds, best * 1.01);
            _steps = 0;
            return null;
        }

        _fastestSlow = _steps == 0 ? seconds : Math.Min(_fastestSlow, seconds);
        if (++_steps < DecidingSteps)
            return null;

        return Enter(State.Comparing);
    }

    /// <summary>With fewer threads it must be faster than the slow steps were: otherwise the machine itself is slow.</summary>
    private int? Compare(int width, double seconds)
    {
        _reduced[width] = _steps == 0 ? seconds : Math.Min(_reduced[width], seconds);
        if (++_steps < DecidingSteps)
            return null;

        if (_reduced[width] * KeepFactor < _fastestSlow)
        {
            _secondsUntilTry = ShortestWait;
            return Enter(State.Reduced);
        }

        _full[width] = _fastestSlow;
        return Enter(State.Full);
    }

    private int? ObserveReduced(int width, double seconds)
    {
        ref var known = ref _reduced[width];
        known = known == 0 ? seconds : known + (0.2 * (seconds - known));
        _secondsUntilTry -= seconds;
        return _secondsUntilTry > 0 ? null : Enter(State.Trying);
    }

    private int? ObserveTry(int width, double seconds)
    {
        var bound = _reduced[width] > 0 ? _reduced[width] * KeepFactor : _full[width] * CollapseFactor;
        if (bound > 0 && seconds > bound)
        {
            _secondsUntilTry = Math.Max(ShortestWait, WaitFactor * seconds);
            return Enter(State.Reduced);
        }

        return ++_steps < DecidingSteps ? null : Enter(State.Full);
    }

    /// <summary>The thread count of the state when it differs from that of the state before.</summary>
    private int? Enter(State state)
    {
        var before = ThreadsOf(_state);
        _state = state;
        _steps = 0;
        return ThreadsOf(state) == before ? null : ThreadsOf(state);
    }

    private int ThreadsOf(State state) => state is State.Full or State.Trying ? _maxThreads : _maxThreads - 1;
}
