using System.Diagnostics;

namespace ModelRunner.Engines.LlamaCpp.Tests;

public sealed class DecodeSignalsTests
{
    [Fact]
    public void IsStalled_WithoutANodeForASecond_IsTrueUntilOneComes()
    {
        var signals = new DecodeSignals();
        Assert.False(signals.IsStalled(Seconds(100)));

        signals.Begin(Seconds(100));
        Assert.False(signals.IsStalled(Seconds(100.7)));
        Assert.True(signals.IsStalled(Seconds(101)));

        DecodeSignals.OnNode(signals.Pointer, Seconds(101.1));
        Assert.False(signals.IsStalled(Seconds(101.2)));

        signals.End();
        Assert.False(signals.IsStalled(Seconds(1000)));
    }

    [Fact]
    public void IsStalled_OnAMachineThatTakesSecondsForANode_WaitsForLonger()
    {
        var signals = new DecodeSignals();
        signals.Begin(Seconds(100));
        DecodeSignals.OnNode(signals.Pointer, Seconds(102));

        Assert.False(signals.IsStalled(Seconds(109)));
        Assert.True(signals.IsStalled(Seconds(111)));
    }

    [Fact]
    public void OnNode_AfterAnAbort_EndsTheDecodeUntilTheNextOne()
    {
        var signals = new DecodeSignals();
        Assert.False(DecodeSignals.OnNode(signals.Pointer, 1));

        signals.Abort();
        Assert.True(DecodeSignals.OnNode(signals.Pointer, 2));

        signals.Reset();
        Assert.False(DecodeSignals.OnNode(signals.Pointer, 3));
    }

    private static long Seconds(double seconds) => (long)(seconds * Stopwatch.Frequency);
}
