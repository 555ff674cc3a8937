using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Generation.Tests.Scheduling;

public sealed class GenerationFeedTests
{
    private const int Capacity = 8;

    private int _wakes;

    [Fact]
    public async Task ReadAllAsync_OtherThreadWrites_GivesAllInOrder()
    {
        const int Count = 50_000;
        var feed = Create();
        var writer = Start(() =>
        {
            for (var i = 0; i < Count; i++)
            {
                SpinWait.SpinUntil(() => feed.Room > 0);
                feed.Write(Update(i));
            }

            feed.Complete(null);
        });
        var next = 0;
        await foreach (var update in feed.ReadAllAsync(TestContext.Current.CancellationToken))
            Assert.Equal(next++, update.Token);

        Assert.Equal(Count, next);
        Assert.True(writer.Join(TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void Room_CountsWhatTheReaderHasNotTaken()
    {
        var feed = Create();
        Assert.Equal(Capacity, feed.Room);
        for (var i = 0; i < Capacity; i++)
            feed.Write(Update(i));

        Assert.Equal(0, feed.Room);
        Assert.True(feed.TryRead(out _));
        Assert.True(feed.TryRead(out _));
        Assert.Equal(2, feed.Room);
    }

    [Fact]
    public void TryRead_WhileTheLoopWaits_WakesIt()
    {
        var feed = Create();
        feed.Write(Update(0));
        feed.Write(Update(1));
        feed.TryRead(out _);
        Assert.Equal(0, _wakes);
        feed.IsStalled = true;
        feed.TryRead(out _);
        Assert.Equal(1, _wakes);

        // Nothing was taken: there is no more room than before.
        Assert.False(feed.TryRead(out _));
        Assert.Equal(1, _wakes);
    }

    [Fact]
    public void IsStalled_RacingReader_NeverLosesTheWake()
    {
        // The loop's rule: the flag goes up, then the room is read again; if there is none, a wake will come.
        using var woken = new AutoResetEvent(false);
        var feed = new GenerationFeed(new GenerationRequest { Prompt = [1] }, capacity: 1, () => woken.Set(), _ => woken.Set());
        const int Count = 20_000;
        var reader = Start(() =>
        {
            for (var taken = 0; taken < Count;)
                taken += feed.TryRead(out _) ? 1 : 0;
        });
        for (var i = 0; i < Count; i++)
        {
            while (feed.Room < 1)
            {
                feed.IsStalled = true;
                Interlocked.MemoryBarrier();
                if (feed.Room < 1)
                    Assert.True(woken.WaitOne(TimeSpan.FromMinutes(5)), "the reader made room and woke nobody");
            }

            feed.IsStalled = false;
            feed.Write(Update(i));
        }

        Assert.True(reader.Join(TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task ReadAllAsync_TokenCancelled_CancelsTheRequest()
    {
        var feed = Create();
        feed.Write(Update(0));
        using var cancellation = new CancellationTokenSource();
        await using var updates = feed.ReadAllAsync(cancellation.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await updates.MoveNextAsync());
        var waiting = updates.MoveNextAsync();
        Assert.False(feed.IsCancelled);
        await cancellation.CancelAsync();
        Assert.True(feed.IsCancelled);
        Assert.Equal(1, _wakes);

        // The loop ends the feed by its next step, and the reader learns of it.
        Assert.False(waiting.IsCompleted);
        feed.Complete(new OperationCanceledException());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
    }

    [Fact]
    public async Task ReadAllAsync_CancelledBefore_CancelsTheRequest()
    {
        var feed = Create();
        var waiting = feed.ReadAllAsync(new CancellationToken(canceled: true)).GetAsyncEnumerator(TestContext.Current.CancellationToken).MoveNextAsync();
        Assert.True(feed.IsCancelled);
        feed.Complete(new OperationCanceledException());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
    }

    [Fact]
    public async Task ReadAllAsync_LeftEarly_CancelsTheRequest()
    {
        var feed = Create();
        feed.Write(Update(0));
        feed.Write(Update(1));
        await foreach (var update in feed.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal(0, update.Token);
            Assert.False(feed.IsCancelled);
            break;
        }

        Assert.True(feed.IsCancelled);
        Assert.Equal(1, _wakes);
        feed.Cancel();
        Assert.Equal(1, _wakes);
    }

    [Fact]
    public async Task Complete_WithAnError_ComesAfterAllUpdates()
    {
        var feed = Create();
        feed.Write(Update(0));
        feed.Write(Update(1));
        feed.Complete(new InvalidDataException("lost"));
        var read = new List<int>();
        var error = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var update in feed.ReadAllAsync(TestContext.Current.CancellationToken))
                read.Add(update.Token);
        });
        Assert.Equal([0, 1], read);
        Assert.Equal("lost", error.Message);
        Assert.True(feed.IsComplete);
        Assert.Same(error, feed.Error);
    }

    [Fact]
    public void TryRead_AfterCompletion_GivesWhatIsLeft()
    {
        var feed = Create();
        feed.Write(Update(4));
        feed.Complete(null);
        Assert.True(feed.TryRead(out var update));
        Assert.Equal(4, update.Token);
        Assert.False(feed.TryRead(out _));
        Assert.Null(feed.Error);
    }

    private GenerationFeed Create() => new(new GenerationRequest { Prompt = [1] }, Capacity, () => _wakes++, _ => _wakes++);

    private static GenerationUpdate Update(int token) => new() { Token = token };

    private static Thread Start(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
