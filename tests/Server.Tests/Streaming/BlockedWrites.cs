using System.Diagnostics.Metrics;

namespace ModelRunner.Server.Tests.Streaming;

/// <summary>The server's gauge of streams that wait for their readers, as a monitor sees it.</summary>
internal sealed class BlockedWrites : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly SemaphoreSlim _changed = new(0);
    private int _count;

    public BlockedWrites()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "modelrunner.blocked_writes") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((_, delta, _, _) =>
        {
            Interlocked.Add(ref _count, delta);
            _changed.Release();
        });
        _listener.Start();
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Waits until the gauge shows what is expected.</summary>
    public async Task UntilAsync(Func<int, bool> isExpected)
    {
        while (!isExpected(Count))
            Assert.True(
                await _changed.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken),
                $"{Count} writes are blocked, and nothing changes");
    }

    public void Dispose()
    {
        _listener.Dispose();
        _changed.Dispose();
    }
}
