namespace ModelRunner.Export.Tests.GenAi;

/// <summary>How far logits lie from each other.</summary>
internal static class LogitDistance
{
    public static double Largest(double[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = 0.0;
        for (var row = 0; row < expected.Length; row++)
        {
            Assert.Equal(expected[row].Length, actual[row].Length);
            for (var i = 0; i < expected[row].Length; i++)
                largest = Math.Max(largest, Math.Abs(expected[row][i] - actual[row][i]));
        }

        return largest;
    }

    /// <summary>The root of the mean squared difference over that of the mean square.</summary>
    public static double Relative(double[][] expected, float[][] actual)
    {
        var (errors, squares) = (0.0, 0.0);
        foreach (var (want, got) in expected.Zip(actual))
        {
            for (var i = 0; i < want.Length; i++)
            {
                errors += (want[i] - got[i]) * (want[i] - got[i]);
                squares += want[i] * want[i];
            }
        }

        return Math.Sqrt(errors / squares);
    }
}
