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
}
