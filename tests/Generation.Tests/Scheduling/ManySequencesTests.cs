using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Scheduling;

public sealed class ManySequencesTests
{
    private const int Sequences = 256;
    private const int Vocabulary = 24;
    private const int OutputLength = 200;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_256Sequences_RunTogetherAndAllFinish(bool isPooled)
    {
        var time = new ManualTime();
        using var session = new ScriptedDecodeSession(
            new SessionLimits
            {
                MaxSequences = Sequences,
                MaxBatchTokens = 512,
                MaxSequenceLength = 256,
                KvLayout = isPooled ? KvLayout.Pooled(Sequences * 256) : KvLayout.PerSequence(256),
                PrefixCopy = isPooled ? PrefixCopy.Shared : PrefixCopy.Copied,
                CanTruncate = true,
                PreferredChunk = 128,
            },
            Vocabulary,
            batch =>
            {
                time.Advance(TimeSpan.FromMicroseconds(1_000 + (10 * batch.TokenCount)));
                return DecodeStatus.Ok;
            });
        var tokenizer = new FakeTokenizer(Vocabulary);
        using var scheduler = new Scheduler(
            () => session,
            tokenizer,
            new SchedulerOptions(),
            new ComputeGate(time).CreateUser("test"),
            time);
        var clients = Enumerable.Range(0, Sequences)
            .Select(index => new SimulatedClient(scheduler.Submit(Request(index)), null, pace: 1))
            .ToArray();
        var most = Run(scheduler, clients);

        Assert.Equal(Sequences, most);
        foreach (var client in clients)
            Assert.Equal(Reference.Generate(client.Request, 0, null, 256, tokenizer).ToString(), client[0].ToString());

        Assert.Equal(0, scheduler.Counters.Preemptions);
        Assert.InRange(session.UsedCells, 0, Sequences * (16 + OutputLength));
    }

    /// <summary>Steps to the end of all; the most sequences that decoded in one step.</summary>
    private static int Run(Scheduler scheduler, SimulatedClient[] clients)
    {
        var most = 0;
        for (var step = 0; scheduler.PendingRequestCount > 0; step++)
        {
            Assert.True(step < 10_000, "no end in sight");
            scheduler.Step();
            if (step % 8 == 0)
                Assert.Empty(SchedulerInvariants.Check(scheduler.TakeSnapshot()));

            most = Math.Max(most, scheduler.TakeSnapshot().Active.Count(sequence => sequence.Phase == SequencePhase.Decoding));
            foreach (var client in clients)
                client.ReadRest();
        }

        return most;
    }

    private static GenerationRequest Request(int index) => new()
    {
        Prompt = [.. Enumerable.Range(0, 4 + (index % 12)).Select(i => 3 + ((i * index) % 20))],
        Sampling = SamplingOptions.Greedy,
        Output = new OutputOptions { MaxTokens = OutputLength, IgnoreEndOfGeneration = true },
    };
}
