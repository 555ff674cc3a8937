namespace ModelRunner.Bench.Measuring;

/// <summary>Sides measured in turn, A B then B A, so that what drifts on the machine meets all alike.</summary>
internal static class Pairs
{
    /// <summary>Runs both sides once unmeasured, then so many pairs.</summary>
    public static async Task<PairResult> MeasureAsync(int count, Func<Task<double>> a, Func<Task<double>> b) =>
        (await MeasureAsync(count, [a, b]))[0];

    /// <summary>The same with several sides, each paired with the first.</summary>
    public static async Task<PairResult[]> MeasureAsync(int count, Func<Task<double>>[] sides)
    {
        foreach (var side in sides)
            await side();

        var rates = new double[sides.Length][];
        for (var i = 0; i < sides.Length; i++)
            rates[i] = new double[count];

        for (var round = 0; round < count; round++)
            for (var i = 0; i < sides.Length; i++)
            {
                var side = round % 2 == 0 ? i : sides.Length - 1 - i;
                rates[side][round] = await sides[side]();
            }

        return [.. rates.Skip(1).Select(rate => new PairResult(
            new Samples(rates[0]),
            new Samples(rate),
            new Samples(rate.Zip(rates[0], static (b, a) => b / a))))];
    }
}
