using System.Diagnostics;
using ModelRunner.Engines.Onnx.Decoding;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

public sealed class LaunchWatchTests
{
    private readonly LaunchWatch _watch = new();

    [Fact]
    public void IsStalled_NothingUnderWay_IsFalse()
    {
        Assert.False(_watch.IsStalled(At(1e6)));
        Launch(1, 1, 0.01);
        Assert.False(_watch.IsStalled(At(1e6)));
    }

    [Fact]
    public void IsStalled_FirstLaunch_HasTheLongLimit()
    {
        _watch.Begin(1, At(1));
        Assert.False(_watch.IsStalled(At(30)));
        Assert.True(_watch.IsStalled(At(32)));
    }

    [Theory]
    [InlineData(1, 0.01, 0.7, 0.8)]
    [InlineData(1, 0.5, 1.9, 2.1)]
    [InlineData(128, 1.28, 5, 5.3)]
    public void IsStalled_KnownLaunch_IsMeasuredByIt(int tokens, double before, double fine, double stalled)
    {
        Launch(tokens, 1, before);
        _watch.Begin(tokens, At(10));
        Assert.False(_watch.IsStalled(At(10 + fine)));
        Assert.True(_watch.IsStalled(At(10 + stalled)));
        _watch.End(At(20));
        Assert.False(_watch.IsStalled(At(21)));
    }

    [Fact]
    public void IsStalled_ShorterPiece_HasItsPartOfTheLimit()
    {
        Launch(100, 1, 1);
        _watch.Begin(50, At(10));
        Assert.False(_watch.IsStalled(At(11.9)));
        Assert.True(_watch.IsStalled(At(12.1)));
    }

    private void Launch(int tokens, double start, double seconds)
    {
        _watch.Begin(tokens, At(start));
        _watch.End(At(start + seconds));
    }

    private static long At(double seconds) => (long)(seconds * Stopwatch.Frequency);
}
