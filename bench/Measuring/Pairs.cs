namespace ModelRunner.Bench.Measuring;

/// <summary>Two sides measured in turn, A B then B A, so that what drifts on the machine meets both alike.</summary>
internal static class Pairs
{
    /// <summary>Runs both sides once unmeasured, then so many pairs.</summary>
    public static async Task<PairResult> MeasureAsync(int count, Func<Task<double>> a, Func<Task<double>> b)
    {
        await a();
        await b();
        var pairs = new List<(double A, double B)>();
        for (var i = 0; i < count; i++)
        {
            if (i % 2 == 0)
            {
                var first = await a();
                pairs.Add((first, await b()));
            }
            else
            {
                var first = await b();
                pairs.Add((await a(), first));
            }
        }

        return new PairResult(
            new Samples(pairs.Select(pair => pair.A)),
            new Samples(pairs.Select(pair => pair.B)),
            new Samples(pairs.Select(pair => pair.B / pair.A)));
    }
}
