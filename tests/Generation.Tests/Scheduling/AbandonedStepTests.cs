using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>A step that is in flight when its clients leave.</summary>
public sealed class AbandonedStepTests : IDisposable
{
    private const int Vocabulary = 24;

    private readonly ManualTime _time = new();
    private readonly Scheduler _scheduler;
    private Action _duringDecode = static () => { };
    private bool _wasAborted;

    public AbandonedStepTests() => _scheduler = new Scheduler(
        CreateSession,
        new FakeTokenizer(Vocabulary),
        new SchedulerOptions(),
        new ComputeGate(_time).CreateUser("test"),
        _time);

    public void Dispose() => _scheduler.Dispose();

    [Fact]
    public void Cancel_TheOnlyRequestOfTheStep_AbortsTheStep()
    {
        // Regression: the chunk of a long prompt was computed to its end for nobody, up to seconds on a large model.
        var feed = Submit();
        _duringDecode = feed.Cancel;

        _scheduler.Step();
        Assert.True(_wasAborted);
        Assert.Equal(1, _scheduler.PendingRequestCount);

        _scheduler.Step();
        Assert.Equal(0, _scheduler.PendingRequestCount);
    }

    [Fact]
    public void Cancel_OneOfTwoRequests_LetsTheStepGoOn()
    {
        var feeds = new[] { Submit(), Submit() };
        _duringDecode = feeds[0].Cancel;

        _scheduler.Step();
        Assert.False(_wasAborted);

        _duringDecode = feeds[1].Cancel;
        _scheduler.Step();
        Assert.True(_wasAborted);
    }

    [Fact]
    public void Cancel_ARequestWithSeveralChoices_AbortsTheStep()
    {
        var feed = Submit(choiceCount: 2);
        _duringDecode = feed.Cancel;

        _scheduler.Step();
        Assert.True(_wasAborted);
    }

    [Fact]
    public void Cancel_BetweenSteps_AbortsNothing()
    {
        var feed = Submit();
        _scheduler.Step();
        feed.Cancel();
        var other = Submit();

        _scheduler.Step();
        Assert.False(_wasAborted);
        Assert.True(other.TryRead(out _));
    }

    [Fact]
    public void Abort_AfterDisposal_TouchesNoSession()
    {
        _scheduler.Dispose();
        _scheduler.Abort();
    }

    private ScriptedDecodeSession CreateSession()
    {
        ScriptedDecodeSession? session = null;
        return session = new ScriptedDecodeSession(
            new SessionLimits
            {
                MaxSequences = 3,
                MaxBatchTokens = 64,
                MaxSequenceLength = 128,
                KvLayout = KvLayout.Pooled(256),
                PrefixCopy = PrefixCopy.Shared,
                CanTruncate = true,
                PreferredChunk = 16,
            },
            Vocabulary,
            _ =>
            {
                _duringDecode();
                _wasAborted = session!.IsAborted;
                return DecodeStatus.Ok;
            });
    }

    private GenerationFeed Submit(int choiceCount = 1) => _scheduler.Submit(new GenerationRequest
    {
        Prompt = [3, 4, 5],
        ChoiceCount = choiceCount,
        Sampling = SamplingOptions.Greedy,
        Output = new OutputOptions { MaxTokens = 60, IgnoreEndOfGeneration = true },
    });
}
