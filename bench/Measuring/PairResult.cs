using System.Globalization;

namespace ModelRunner.Bench.Measuring;

/// <summary>Both sides, and B over A pair by pair.</summary>
internal sealed record PairResult(Samples A, Samples B, Samples Ratio)
{
    /// <summary>The same two sides, measured several times.</summary>
    public static PairResult Join(IEnumerable<PairResult> results)
    {
        var all = results.ToList();
        return new(
            new Samples(all.SelectMany(result => result.A.Values)),
            new Samples(all.SelectMany(result => result.B.Values)),
            new Samples(all.SelectMany(result => result.Ratio.Values)));
    }

    /// <summary>Three cells of a table: the medians, and the ratio with its 95 % interval.</summary>
    public string Cells(string format = "0.0")
    {
        var (low, high) = Ratio.MedianInterval;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{A.Median.ToString(format, CultureInfo.InvariantCulture)} | {B.Median.ToString(format, CultureInfo.InvariantCulture)} | **{Ratio.Median:0.000}** ({low:0.000} to {high:0.000}, {Ratio.Count} pairs)");
    }
}
