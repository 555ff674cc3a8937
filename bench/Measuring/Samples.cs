namespace ModelRunner.Bench.Measuring;

/// <summary>Statistics without assumptions on the distribution.</summary>
internal sealed class Samples(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    /// <summary>In ascending order.</summary>
    public IReadOnlyList<double> Values => _sorted;

    public int Count => _sorted.Length;

    public double Median => Quantile(0.5);

    /// <summary>By linear interpolation between the neighbours.</summary>
    public double Quantile(double fraction)
    {
        var position = fraction * (_sorted.Length - 1);
        var lower = (int)position;
        var upper = Math.Min(lower + 1, _sorted.Length - 1);
        return _sorted[lower] + ((position - lower) * (_sorted[upper] - _sorted[lower]));
    }

    /// <summary>
    /// The narrowest pair of order statistics around the median that holds it with at least 95 %: the number of
    /// samples below the median is binomial. With fewer than six samples, the whole range.
    /// </summary>
    public (double Low, double High) MedianInterval
    {
        get
        {
            var n = _sorted.Length;
            var tail = 0.0;
            var term = Math.Pow(0.5, n);
            var rank = 0;
            while (rank < n / 2 && tail + term <= 0.025)
            {
                tail += term;
                term = term * (n - rank) / (rank + 1);
                rank++;
            }

            var low = Math.Max(0, rank - 1);
            return (_sorted[low], _sorted[n - 1 - low]);
        }
    }
}
