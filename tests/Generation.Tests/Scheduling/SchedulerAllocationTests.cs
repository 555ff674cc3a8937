using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>The loop allocates nothing for a token, whatever is sampled and however the reader reads.</summary>
public sealed class SchedulerAllocationTests
{
    private const int Vocabulary = 64;
    private const int PromptLength = 32;
    private const int Steps = 1_500;

    // The list of a sequence's tokens doubles: behind this length it has room for so many.
    private const int WarmUpLength = 2_100;
    private const int RoomLength = 4_096;

    public static TheoryData<int, string> Cases()
    {
        var cases = new TheoryData<int, string>();
        foreach (var name in Outputs.Keys)
        {
            cases.Add(1, name);
            cases.Add(16, name);
        }

        cases.Add(256, "greedy");
        return cases;
    }

    private static Dictionary<string, (SamplingOptions Sampling, OutputOptions Output)> Outputs { get; } = new()
    {
        ["greedy"] = (SamplingOptions.Greedy, new()),
        ["sampled"] = (new() { Temperature = 0.9f, TopK = 8, TopP = 0.9f, RepetitionPenalty = 1.1f, FrequencyPenalty = 0.2f }, new()),
        ["stops"] = (SamplingOptions.Greedy, new() { Stops = ["abcx", "xyzb", "ij\n"] }),
        ["log probabilities"] = (SamplingOptions.Greedy, new() { TopLogProbabilityCount = 0 }),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_SteadyDecoding_AllocatesNothing(int sequences, string name)
    {
        using var scheduler = Create(sequences);
        var feeds = Enumerable.Range(0, sequences).Select(index => scheduler.Submit(Request(name, index))).ToArray();
        WarmUp(scheduler, feeds);
        Assert.All(scheduler.TakeSnapshot().Active, sequence => Assert.InRange(sequence.TokenCount + Steps, 0, RoomLength));
        var (loop, reader) = (0L, 0L);
        for (var step = 0; step < Steps; step++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            scheduler.Step();
            var between = GC.GetAllocatedBytesForCurrentThread();
            Read(feeds);
            loop += between - before;
            reader += GC.GetAllocatedBytesForCurrentThread() - between;
        }

        // Withheld text goes out in pooled buffers, and the pool forgets some of them at a collection; the table of
        // penalties doubles when its window holds more different tokens than ever before.
        Assert.InRange(loop, 0, name is "stops" or "sampled" ? Steps : 0);
        Assert.Equal(0, reader);
        Assert.Equal(sequences, scheduler.PendingRequestCount);
    }

    [Fact]
    public void Step_ReaderInBursts_AllocatesNothing()
    {
        // A reader that lags takes many updates at once; the queue between grows once, and stays as it is.
        using var scheduler = Create(1);
        GenerationFeed[] feeds = [scheduler.Submit(Request("greedy", 0))];
        WarmUp(scheduler, feeds);
        ReadInBursts(scheduler, feeds, 200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadInBursts(scheduler, feeds, 1_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Step_GrowingSequence_AllocatesAtMost12BytesAToken()
    {
        // What the doubling costs, and all else that a whole request has.
        using var scheduler = Create(1);
        GenerationFeed[] feeds = [scheduler.Submit(Request("greedy", 0))];
        WarmUp(scheduler, feeds);
        feeds[0].Cancel();
        scheduler.Step();
        feeds = [scheduler.Submit(Request("greedy", 1))];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 0; step < 4_000; step++)
        {
            scheduler.Step();
            Read(feeds);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 12 * 4_000);
    }

    /// <summary>Until all sequences decode, and the arrays of their tokens have the size that they keep.</summary>
    private static void WarmUp(Scheduler scheduler, GenerationFeed[] feeds)
    {
        for (var step = 0; step < 20_000; step++)
        {
            Assert.Equal(StepOutcome.Worked, scheduler.Step());
            Read(feeds);
            var active = scheduler.TakeSnapshot().Active;
            if (active.Count == feeds.Length && active.All(sequence => sequence.TokenCount > WarmUpLength))
                return;
        }

        Assert.Fail("the sequences never came to decode");
    }

    private static void ReadInBursts(Scheduler scheduler, GenerationFeed[] feeds, int steps)
    {
        for (var step = 1; step <= steps; step++)
        {
            scheduler.Step();
            if (step % 100 == 0)
                Read(feeds);
        }
    }

    private static void Read(GenerationFeed[] feeds)
    {
        foreach (var feed in feeds)
            while (feed.TryRead(out var update))
                update.Text.Return();
    }

    private static GenerationRequest Request(string name, int index) => new()
    {
        Prompt = [.. Enumerable.Range(0, PromptLength).Select(i => 3 + ((i + index) % 50))],
        Sampling = Outputs[name].Sampling,
        Output = Outputs[name].Output with { IgnoreEndOfGeneration = true },
        Seed = (ulong)index,
    };

    /// <summary>The time of a step is scripted: how far the first sequence is when the last has its prompt, it decides.</summary>
    private static Scheduler Create(int sequences)
    {
        var time = new ManualTime();
        return new Scheduler(
            () => new AllocationFreeSession(
                new SessionLimits
                {
                    MaxSequences = sequences,
                    MaxBatchTokens = 256,
                    MaxSequenceLength = 8192,
                    KvLayout = KvLayout.Pooled(sequences * 8192),
                    PrefixCopy = PrefixCopy.None,
                    CanTruncate = true,
                    PreferredChunk = 64,
                },
                Vocabulary,
                time),
            new FakeTokenizer(Vocabulary),
            new SchedulerOptions(),
            new ComputeGate(time).CreateUser("test"),
            time);
    }
}
