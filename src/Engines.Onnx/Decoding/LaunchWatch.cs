using System.Diagnostics;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// Tells from how long a launch takes whether it still makes progress. ONNX Runtime reports nothing in between, so the
/// measure is what launches took before. One thread launches; any may ask.
/// </summary>
internal sealed class LaunchWatch
{
    /// <summary>The shortest silence that counts as a stall.</summary>
    public static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(0.75);

    /// <summary>The same while nothing is known of such a launch.</summary>
    public static readonly TimeSpan FirstLimit = TimeSpan.FromSeconds(30);

    // A longer past makes launches slower, little by little.
    private const int Factor = 4;

    private long _start;
    private long _limit;
    private int _tokens;
    private double _longestStep;
    private double _longestToken;

    /// <summary>A launch begins.</summary>
    /// <param name="tokens">Its tokens; 1 for a step, whose sequences have one each.</param>
    /// <param name="now">A timestamp of <see cref="Stopwatch"/>.</param>
    public void Begin(int tokens, long now)
    {
        _tokens = tokens;
        var expected = tokens == 1 ? _longestStep : _longestToken * tokens;
        var limit = expected == 0 ? FirstLimit.TotalSeconds * Stopwatch.Frequency
            : Math.Max(StallLimit.TotalSeconds * Stopwatch.Frequency, Factor * expected);
        Volatile.Write(ref _limit, (long)limit);
        Volatile.Write(ref _start, now);
    }

    /// <summary>It has ended, in whatever way.</summary>
    public void End(long now)
    {
        var duration = now - _start;
        Volatile.Write(ref _start, 0);
        if (_tokens == 1)
            _longestStep = Math.Max(_longestStep, duration);
        else
            _longestToken = Math.Max(_longestToken, (double)duration / _tokens);
    }

    /// <summary>Whether a launch is under way that takes far longer than those before it.</summary>
    public bool IsStalled(long now)
    {
        var start = Volatile.Read(ref _start);
        return start != 0 && now - start > Volatile.Read(ref _limit);
    }
}
