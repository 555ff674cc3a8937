using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Tests.Sampling;

/// <summary>
/// The definition of each setting, in double precision, by sorting: the probability of every token.
/// </summary>
internal static class ReferenceSampler
{
    public static double[] Probabilities(
        float[] logits, SamplingOptions options, int[] history, int promptLength, Func<int, bool> isAllowed)
    {
        var x = Array.ConvertAll(logits, value => (double)value);
        for (var token = 0; token < x.Length; token++)
        {
            x[token] += options.LogitBias.GetValueOrDefault(token);
            var isForbidden = options.LogitBias.GetValueOrDefault(token) <= -100;
            if (double.IsNaN(x[token]) || isForbidden || !isAllowed(token))
            {
                x[token] = double.NegativeInfinity;
            }
        }

        var window = options.PenaltyWindow < 0 ? history : history.TakeLast(options.PenaltyWindow);
        foreach (var token in window.Distinct())
        {
            x[token] = x[token] > 0 ? x[token] / options.RepetitionPenalty : x[token] * options.RepetitionPenalty;
        }

        foreach (var group in history.Skip(promptLength).GroupBy(token => token))
        {
            x[group.Key] -= (group.Count() * (double)options.FrequencyPenalty) + options.PresencePenalty;
        }

        var kept = Enumerable.Range(0, x.Length).Where(token => double.IsFinite(x[token]))
            .OrderByDescending(token => x[token]).ThenBy(token => token).ToList();
        if (options.Temperature == 0)
        {
            kept = kept.Take(1).ToList();
        }

        if (options.TopK > 0)
        {
            kept = kept.Take(options.TopK).ToList();
        }

        if (options.TypicalP < 1)
        {
            var p = Softmax(x, kept, 1);
            var entropy = kept.Sum(token => p[token] > 0 ? -p[token] * Math.Log(p[token]) : 0);
            var ranked = kept.OrderBy(token => Math.Abs(-Math.Log(p[token]) - entropy)).ThenBy(token => token);
            kept = Reach(ranked, p, options.TypicalP).OrderByDescending(token => x[token]).ThenBy(token => token)
                .ToList();
        }

        if (options.TopP < 1)
        {
            kept = Reach(kept, Softmax(x, kept, 1), options.TopP);
        }

        if (options.MinP > 0)
        {
            var p = Softmax(x, kept, 1);
            kept = kept.Where(token => p[token] >= options.MinP * p[kept[0]]).ToList();
        }

        return Softmax(x, kept, options.Temperature == 0 ? 1 : options.Temperature);
    }

    private static double[] Softmax(double[] x, List<int> kept, double temperature)
    {
        var p = new double[x.Length];
        var max = kept.Count == 0 ? 0 : kept.Max(token => x[token]);
        foreach (var token in kept)
        {
            p[token] = Math.Exp((x[token] - max) / temperature);
        }

        var sum = p.Sum();
        return sum == 0 ? p : Array.ConvertAll(p, value => value / sum);
    }

    private static List<int> Reach(IEnumerable<int> ranked, double[] p, double target)
    {
        var kept = new List<int>();
        var sum = 0.0;
        foreach (var token in ranked)
        {
            kept.Add(token);
            sum += p[token];
            if (sum >= target)
            {
                break;
            }
        }

        return kept;
    }
}
