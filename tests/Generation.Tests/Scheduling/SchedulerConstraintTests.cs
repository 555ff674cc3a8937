using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>Constraints that go wrong while sequences are generated.</summary>
public sealed class SchedulerConstraintTests
{
    private const int Vocabulary = 24;

    /// <summary>What a constraint does behind its third token.</summary>
    public enum Fault
    {
        RefusesWhatItAllowed,
        RefusesWhatItForced,
        FailsInTheMask,
        FailsInAccept,
        FailsInForcedTokens,
    }

    [Theory]
    [InlineData(Fault.RefusesWhatItAllowed)]
    [InlineData(Fault.RefusesWhatItForced)]
    [InlineData(Fault.FailsInTheMask)]
    [InlineData(Fault.FailsInAccept)]
    [InlineData(Fault.FailsInForcedTokens)]
    public void Step_ConstraintFails_EndsItsRequestAlone(Fault fault)
    {
        // Regression: the exception ended the loop, and with it every request of the model.
        var tokenizer = new FakeTokenizer(Vocabulary);
        var time = new ManualTime();
        using var scheduler = new Scheduler(
            () => new ScriptedDecodeSession(Limits, Vocabulary),
            tokenizer,
            new SchedulerOptions { MaxDraftTokens = 3 },
            new ComputeGate(time).CreateUser("test"),
            time,
            new HalfRightDrafter(new Random(1), Vocabulary));
        ITokenConstraint?[] constraints = [new FaultyConstraint(fault), new RuleConstraint(Vocabulary), null];
        var clients = Array.ConvertAll(constraints, constraint => new SimulatedClient(
            scheduler.Submit(Request, [constraint?.Clone()]), constraint, pace: 1));

        for (var step = 0; scheduler.PendingRequestCount > 0; step++)
        {
            Assert.True(step < 200, "no end in sight");
            Assert.Equal(StepOutcome.Worked, scheduler.Step());
            Assert.Empty(SchedulerInvariants.Check(scheduler.TakeSnapshot()));
            foreach (var client in clients)
                client.ReadRest();
        }

        var error = Assert.IsType<GenerationException>(clients[0].Feed.Error);
        Assert.Equal(GenerationException.DecodeFailed, error.Code);
        Assert.InRange(clients[0][0].Tokens.Count, 3, 6);
        foreach (var client in clients[1..])
        {
            Assert.Null(client.Feed.Error);
            Assert.Equal(Reference.Generate(Request, 0, client.Constraint, 128, tokenizer).ToString(), client[0].ToString());
        }
    }

    private static GenerationRequest Request { get; } = new()
    {
        Prompt = [3, 4, 5, 6, 7],
        Sampling = SamplingOptions.Greedy,
        Output = new OutputOptions { MaxTokens = 30, IgnoreEndOfGeneration = true },
    };

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

    private sealed class FaultyConstraint(Fault fault) : ITokenConstraint
    {
        private int _accepted;

        public bool CanEnd => true;

        public ReadOnlySpan<int> ForcedTokens => !Is(Fault.RefusesWhatItForced)
            ? Is(Fault.FailsInForcedTokens) ? throw new InvalidOperationException("forced") : []
            : new[] { 4 };

        public void FillMask(Span<ulong> mask)
        {
            if (Is(Fault.FailsInTheMask))
                throw new InsufficientExecutionStackException();

            mask.Fill(ulong.MaxValue);
        }

        public bool Accept(int token)
        {
            if (Is(Fault.FailsInAccept))
                throw new InvalidOperationException("accept");
            if (Is(Fault.RefusesWhatItAllowed) || Is(Fault.RefusesWhatItForced))
                return false;

            _accepted++;
            return true;
        }

        public void Rollback(int count) => _accepted -= count;

        public ITokenConstraint Clone() => new FaultyConstraint(fault) { _accepted = _accepted };

        private bool Is(Fault other) => _accepted >= 3 && fault == other;
    }
}
