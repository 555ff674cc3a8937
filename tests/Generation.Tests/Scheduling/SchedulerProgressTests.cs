using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>Settings at their extremes, at which a request must still come to its end.</summary>
public sealed class SchedulerProgressTests
{
    private const int Vocabulary = 24;

    private readonly FakeTokenizer _tokenizer = new(Vocabulary);

    private static SessionLimits Limits { get; } = new()
    {
        MaxSequences = 3,
        MaxBatchTokens = 64,
        MaxSequenceLength = 128,
        KvLayout = KvLayout.Pooled(256),
        PrefixCopy = PrefixCopy.Shared,
        CanTruncate = true,
        PreferredChunk = 16,
    };

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(16, 2)]
    public void Step_MoreForcedTokensThanAStepHolds_ComputesThemInPieces(int maxStepTokens, int minContinuation)
    {
        // Regression: such a sequence waited for ever for a step that takes all of it.
        Complete(maxStepTokens, minContinuation, choice => choice == 0 ? new LongForcedConstraint(40) : null);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(1, 1)]
    public void Step_TinySteps_StillComputePrompts(int maxStepTokens, int minContinuation)
    {
        // Regression: with less than the shortest piece of a prompt in a step, no prompt moved.
        Complete(maxStepTokens, minContinuation, _ => null);
    }

    private void Complete(int maxStepTokens, int minContinuation, Func<int, ITokenConstraint?> constrain)
    {
        var limits = Limits with { MinContinuation = minContinuation };
        var time = new ManualTime();
        using var scheduler = new Scheduler(
            () => new ScriptedDecodeSession(limits, Vocabulary),
            _tokenizer,
            new SchedulerOptions { MaxStepTokens = maxStepTokens, MaxDraftTokens = 3 },
            new ComputeGate(time).CreateUser("test"),
            time,
            new HalfRightDrafter(new Random(1), Vocabulary));
        var feeds = Enumerable.Range(0, 3).Select(index => scheduler.Submit(
            new GenerationRequest
            {
                Prompt = [.. Enumerable.Range(0, 5 + (8 * index)).Select(i => 3 + ((i + index) % 20))],
                Sampling = SamplingOptions.Greedy,
                Output = new OutputOptions { MaxTokens = 60, IgnoreEndOfGeneration = true },
            },
            [constrain(index)])).ToArray();
        var clients = feeds.Select((feed, index) => new SimulatedClient(feed, constrain(index), pace: 1)).ToArray();
        for (var step = 0; scheduler.PendingRequestCount > 0; step++)
        {
            Assert.True(step < 2_000, "no end in sight");
            scheduler.Step();
            time.Advance(TimeSpan.FromMilliseconds(5));
            foreach (var client in clients)
                client.ReadRest();
        }

        foreach (var client in clients)
            Assert.Equal(Reference.Generate(client.Request, 0, client.Constraint, 128, _tokenizer).ToString(), client[0].ToString());
    }
}
