namespace ModelRunner.Engines.LlamaCpp.Tests;

public sealed class AdaptiveThreadsTests
{
    private static readonly TimeSpan Normal = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void Observe_OneSlowStep_ChangesNothing()
    {
        var threads = Warm();
        Assert.Null(threads.Observe(1, Slow));
        Assert.Null(threads.Observe(1, Normal));
        Assert.Null(threads.Observe(1, Slow));
    }

    [Fact]
    public void Observe_Collapse_GivesWayWithinThreeSteps()
    {
        var threads = Warm();
        Assert.Null(threads.Observe(1, Slow));
        Assert.Null(threads.Observe(1, Slow));
        Assert.Equal(1, threads.Observe(1, Slow));
    }

    [Fact]
    public void Observe_FewerThreadsAreNoFaster_GoesBackToAll()
    {
        var threads = Warm();
        for (var i = 0; i < 3; i++)
            threads.Observe(1, Slow);

        Assert.Null(threads.Observe(1, Slow));
        Assert.Null(threads.Observe(1, Slow));
        Assert.Equal(2, threads.Observe(1, Slow));

        // That pace is the normal one from now on.
        for (var i = 0; i < 100; i++)
            Assert.Null(threads.Observe(1, Slow));
    }

    [Fact]
    public void Observe_NeighbourStays_TriesTakeATwentiethOfTheTime()
    {
        var threads = Warm();
        for (var i = 0; i < 3; i++)
            threads.Observe(1, Slow);

        StepsUntil(threads, 2);
        Assert.Equal(1, threads.Observe(1, Slow));

        Assert.InRange(StepsUntil(threads, 2) * Normal / Slow, 19, 21);
    }

    [Fact]
    public void Observe_NeighbourLeaves_KeepsAllThreads()
    {
        var threads = Warm();
        for (var i = 0; i < 3; i++)
            threads.Observe(1, Slow);

        StepsUntil(threads, 2);
        for (var i = 0; i < 100; i++)
            Assert.Null(threads.Observe(1, Normal));
    }

    private static AdaptiveThreads Warm()
    {
        var threads = new AdaptiveThreads(maxThreads: 2, maxWidth: 4);
        for (var i = 0; i < 10; i++)
            Assert.Null(threads.Observe(1, Normal));

        return threads;
    }

    private static int StepsUntil(AdaptiveThreads threads, int count)
    {
        for (var steps = 1; steps < 10_000; steps++)
            if (threads.Observe(1, Normal) == count)
                return steps;

        throw new InvalidOperationException("The threads were never tried again.");
    }
}
