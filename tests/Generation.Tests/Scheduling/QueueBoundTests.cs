using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>What the queue takes, what it takes later, and what it never takes.</summary>
public sealed class QueueBoundTests : IDisposable
{
    private const int Vocabulary = 24;
    private const int MaxQueuedTokens = 100;

    private readonly Scheduler _scheduler;

    public QueueBoundTests()
    {
        var time = new ManualTime();
        _scheduler = new Scheduler(
            CreateSession,
            new FakeTokenizer(Vocabulary),
            new SchedulerOptions { MaxQueuedTokens = MaxQueuedTokens },
            new ComputeGate(time).CreateUser("test"),
            time);
    }

    public void Dispose() => _scheduler.Dispose();

    [Fact]
    public void Submit_WithTokensWaiting_IsBusyUntilTheyRun()
    {
        _scheduler.Submit(Request(40));
        _scheduler.Submit(Request(20, choiceCount: 3));
        Assert.Equal((2, 0), (_scheduler.QueuedRequestCount, _scheduler.ActiveSequenceCount));

        Assert.Throws<ServerBusyException>(() => _scheduler.Submit(Request(1)));
        Assert.Equal(2, _scheduler.QueuedRequestCount);

        // Two choices wait for the prompt that the first one computes; their request does not wait any more.
        _scheduler.Step();
        Assert.Equal((0, 2), (_scheduler.QueuedRequestCount, _scheduler.ActiveSequenceCount));
        _scheduler.Submit(Request(MaxQueuedTokens));
    }

    // Once a 429 that told the client to come back, for ever.
    [Theory]
    [InlineData(MaxQueuedTokens + 1, 1, "prompt")]
    [InlineData(40, 3, "n")]
    [InlineData(1, MaxQueuedTokens + 1, "n")]
    public void Submit_MoreThanTheQueueHolds_IsRefusedByName(int promptLength, int choiceCount, string parameter)
    {
        var error = Assert.Throws<InvalidRequestException>(() => _scheduler.Submit(Request(promptLength, choiceCount)));
        Assert.Equal(parameter, error.Parameter);
        Assert.Equal(InvalidRequestException.DefaultCode, error.Code);

        // Nothing was charged for it.
        _scheduler.Submit(Request(MaxQueuedTokens / 2, choiceCount: 2));
    }

    private static ScriptedDecodeSession CreateSession() => new(
        new SessionLimits
        {
            MaxSequences = 8,
            MaxBatchTokens = 128,
            MaxSequenceLength = 256,
            KvLayout = KvLayout.PerSequence(256),
            PrefixCopy = PrefixCopy.Copied,
            CanTruncate = true,
            PreferredChunk = 16,
        },
        Vocabulary,
        static _ => DecodeStatus.Ok);

    private static GenerationRequest Request(int promptLength, int choiceCount = 1) => new()
    {
        Prompt = [.. Enumerable.Range(0, promptLength).Select(index => 3 + (index % 20))],
        ChoiceCount = choiceCount,
        Sampling = SamplingOptions.Greedy,
        Output = new OutputOptions { MaxTokens = 60, IgnoreEndOfGeneration = true },
    };
}
