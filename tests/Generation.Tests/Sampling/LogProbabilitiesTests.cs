using ModelRunner.Generation.Sampling;

namespace ModelRunner.Generation.Tests.Sampling;

public sealed class LogProbabilitiesTests
{
    [Fact]
    public void Top_RandomLogits_EqualsSorting()
    {
        var random = new Random(8);
        foreach (var size in new[] { 1, 2, 7, 20, 1024, 1025, 30_011 })
        {
            var logits = Enumerable.Range(0, size).Select(_ => MathF.Round(random.NextSingle() * 400) / 20).ToArray();
            var logSum = Math.Log(logits.Sum(logit => Math.Exp(logit)));
            var best = Enumerable.Range(0, size).OrderByDescending(i => logits[i]).ThenBy(i => i).Take(20).ToArray();
            var top = new (int Token, float LogProbability)[20];

            var own = LogProbabilities.Top(logits, size / 2, top);

            Assert.Equal(logits[size / 2] - logSum, own, 1e-5);
            Assert.Equal(own, LogProbabilities.Of(logits, size / 2));
            for (var i = 0; i < top.Length; i++)
            {
                Assert.Equal(i < best.Length ? best[i] : -1, top[i].Token);
                Assert.True(i >= best.Length || Math.Abs(logits[best[i]] - logSum - top[i].LogProbability) < 1e-5);
            }
        }
    }

    [Fact]
    public void Of_NaNAndInfinities_CountsAsImpossibleOrCertain()
    {
        Assert.Equal(-MathF.Log(2), LogProbabilities.Of([1, float.NaN, 1, float.NegativeInfinity], 0), 1e-6f);
        Assert.Equal(float.NegativeInfinity, LogProbabilities.Of([1, float.NaN], 1));
        Assert.Equal(-MathF.Log(2), LogProbabilities.Of([float.PositiveInfinity, 3, float.PositiveInfinity], 2), 1e-6f);
        Assert.Equal(float.NegativeInfinity, LogProbabilities.Of([float.PositiveInfinity, 3], 1));
        Assert.Equal(float.NegativeInfinity, LogProbabilities.Of([float.NegativeInfinity, float.NaN], 0));
    }

    [Fact]
    public void Of_HugeLogits_IsStable()
    {
        Assert.Equal(-MathF.Log(2), LogProbabilities.Of([1e30f, 1e30f, -1e30f], 1), 1e-6f);
    }

    [Fact]
    public void Top_Empty_GivesOnlyTheToken()
    {
        Assert.Equal(-MathF.Log(3), LogProbabilities.Top([2, 2, 2], 1, []), 1e-6f);
    }

    [Fact]
    public void Top_Repeated_AllocatesNothing()
    {
        var logits = new float[5000];
        var top = new (int Token, float LogProbability)[5];
        LogProbabilities.Top(logits, 3, top);
        var before = GC.GetAllocatedBytesForCurrentThread();
        LogProbabilities.Top(logits, 3, top);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
