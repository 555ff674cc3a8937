using System.Diagnostics;

namespace ModelRunner.Bench.Measuring;

/// <summary>Tokens per second of several streams while all of them run.</summary>
internal static class DecodeRate
{
    /// <summary>The sum of the streams' rates between the last first token and the first last one.</summary>
    /// <param name="arrivals">Timestamps of each stream's tokens, in order.</param>
    public static double Of(IReadOnlyList<IReadOnlyList<long>> arrivals)
    {
        var start = arrivals.Max(stream => stream[0]);
        var end = arrivals.Min(stream => stream[^1]);
        return arrivals.Sum(stream =>
        {
            var inside = stream.Where(time => time >= start && time <= end).ToList();
            return inside.Count < 2 ? 0 : (inside.Count - 1) / Stopwatch.GetElapsedTime(inside[0], inside[^1]).TotalSeconds;
        });
    }

    /// <summary>Milliseconds between the tokens of each stream, within a span of time.</summary>
    public static List<double> Gaps(IEnumerable<IReadOnlyList<long>> arrivals, long start, long end)
    {
        var gaps = new List<double>();
        foreach (var stream in arrivals)
            for (var i = 1; i < stream.Count; i++)
                if (stream[i - 1] >= start && stream[i] <= end)
                    gaps.Add(Stopwatch.GetElapsedTime(stream[i - 1], stream[i]).TotalMilliseconds);

        return gaps;
    }
}
