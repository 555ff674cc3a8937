using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Generation.Tests.Scheduling;

public sealed class PrefillBudgetTests
{
    private const double Stretch = 1.7;
    private const int PreferredChunk = 512;

    /// <summary>A step costs so many seconds for its decode rows, and so many for each prompt token.</summary>
    private sealed record Machine(double First, double EachRow, double EachPromptToken)
    {
        public double Seconds(int rows, int promptTokens) =>
            (rows == 0 ? 0 : First + (EachRow * rows)) + (EachPromptToken * promptTokens);
    }

    public static TheoryData<double, double, double> Machines => new()
    {
        { 9e-3, 1e-3, 1.2e-3 }, // SmolLM2-360M on two cores.
        { 40e-3, 3e-3, 4e-3 },
        { 2e-3, 0.1e-3, 0.02e-3 },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void GetChunk_LinearMachine_KeepsTheStretch(double first, double eachRow, double eachPromptToken)
    {
        var machine = new Machine(first, eachRow, eachPromptToken);
        foreach (var rows in new[] { 1, 4, 16 })
        {
            var budget = new PrefillBudget(PreferredChunk, tokenGroup: 1, 16, Stretch);
            Learn(budget, machine, rows, noise: null);
            AssertStretch(budget, machine, rows, 0.05);
        }
    }

    [Fact]
    public void GetChunk_NoisyMachine_StaysNearTheStretch()
    {
        var machine = new Machine(9e-3, 1e-3, 1.2e-3);
        for (var seed = 0; seed < 50; seed++)
        {
            var budget = new PrefillBudget(PreferredChunk, tokenGroup: 1, 16, Stretch);
            Learn(budget, machine, 4, new Random(seed));
            AssertStretch(budget, machine, 4, 0.25);
        }
    }

    [Fact]
    public void GetChunk_PromptsWithoutAPause_KeepsTheStretch()
    {
        // A server under load: prompts come one after another, and no step has decode rows alone.
        var machine = new Machine(9e-3, 1e-3, 0.3e-3);
        var budget = new PrefillBudget(PreferredChunk, tokenGroup: 1, 16, Stretch);
        Observe(budget, machine, 0, 512);
        for (var step = 0; step < 200; step++)
            Observe(budget, machine, 4, budget.GetChunk(4));

        AssertStretch(budget, machine, 4, 0.1);
    }

    [Fact]
    public void GetChunk_StreamsGrowUnderLoad_KeepsTheStretch()
    {
        // Longer contexts make the decode rows slower, and still no step has them alone.
        var budget = new PrefillBudget(PreferredChunk, tokenGroup: 1, 16, Stretch);
        var machine = new Machine(9e-3, 1e-3, 1.2e-3);
        Learn(budget, machine, 4, noise: null);
        for (var step = 0; step < 2_000; step++)
        {
            machine = machine with { First = 9e-3 + (15e-6 * step) };
            Observe(budget, machine, 4, budget.GetChunk(4));
        }

        AssertStretch(budget, machine, 4, 0.2);
    }

    [Fact]
    public void GetChunk_NothingLearned_IsSmallBesideStreams()
    {
        var budget = new PrefillBudget(PreferredChunk, tokenGroup: 1, 16, Stretch);
        Assert.Equal(PreferredChunk, budget.GetChunk(0));
        Assert.Equal(0, budget.GetChunk(4));
        budget.Observe(4, 0, TimeSpan.FromMilliseconds(10));
        Assert.InRange(budget.GetChunk(4), 1, 16);
    }

    [Fact]
    public void GetChunk_PromptGrowsSlow_KeepsTheStretch()
    {
        // Late in a long prompt each of its tokens takes as long as all the decode rows.
        var budget = new PrefillBudget(PreferredChunk, tokenGroup: 1, 16, Stretch);
        var machine = new Machine(9e-3, 1e-3, 1.2e-3);
        Learn(budget, machine, 4, noise: null);
        for (var step = 0; step < 2_000; step++)
        {
            machine = machine with { EachPromptToken = 1.2e-3 + (6e-6 * step) };
            Observe(budget, machine, 4, budget.GetChunk(4));
        }

        Assert.Equal(1, budget.GetChunk(4));
        AssertStretch(budget, machine, 4, 0.1);
    }

    [Fact]
    public void GetChunk_OneOutlier_MovesLittleAndIsForgotten()
    {
        var machine = new Machine(9e-3, 1e-3, 1.2e-3);
        foreach (var (rows, prompt) in new[] { (4, 0), (4, 7) })
        {
            var budget = new PrefillBudget(PreferredChunk, tokenGroup: 1, 16, Stretch);
            Learn(budget, machine, 4, noise: null);
            var before = budget.GetChunk(4);

            // The machine was taken away for ten seconds.
            budget.Observe(rows, prompt, TimeSpan.FromSeconds(machine.Seconds(rows, prompt) + 10));
            Assert.InRange(budget.GetChunk(4), before / 2, before * 2);
            for (var step = 0; step < 30; step++)
            {
                Observe(budget, machine, 4, 0);
                Observe(budget, machine, 4, budget.GetChunk(4));
            }

            Assert.InRange(budget.GetChunk(4), before - 1, before + 1);
        }
    }

    [Fact]
    public void GetChunk_SlowPrompt_NeverStopsIt()
    {
        var machine = new Machine(1e-3, 0, 50e-3);
        var budget = new PrefillBudget(PreferredChunk, tokenGroup: 1, 16, Stretch);
        Learn(budget, machine, 4, noise: null);
        Assert.InRange(budget.GetChunk(4), 1, 8);
        Assert.Equal(PreferredChunk, budget.GetChunk(0));
    }

    [Fact]
    public void GetChunk_OneShortOfAGroup_FillsIt()
    {
        // Prompt tokens as dear as a third of the decode rows: three of them double the step. Groups are of the chunk's
        // tokens alone, however many decode rows there are: an engine that computes both together has groups of one.
        var rows = new Machine(30e-3, 0, 10e-3);
        var alone = new PrefillBudget(PreferredChunk, tokenGroup: 1, 16, maxStretch: 2);
        var grouped = new PrefillBudget(PreferredChunk, tokenGroup: 4, 16, maxStretch: 2);
        Learn(alone, rows, 4, noise: null);
        Learn(grouped, rows, 4, noise: null);
        Assert.Equal((3, 4), (alone.GetChunk(4), grouped.GetChunk(4)));
        Assert.Equal((3, 4), (alone.GetChunk(1), grouped.GetChunk(1)));

        var slower = new Machine(20e-3, 0, 10e-3);
        var two = new PrefillBudget(PreferredChunk, tokenGroup: 4, 16, maxStretch: 2);
        Learn(two, slower, 4, noise: null);
        Assert.Equal(2, two.GetChunk(4));
    }

    [Fact]
    public void GetChunk_UnseenWidth_TakesTheNearest()
    {
        var machine = new Machine(9e-3, 1e-3, 1.2e-3);
        var budget = new PrefillBudget(PreferredChunk, tokenGroup: 1, 16, Stretch);
        Learn(budget, machine, 8, noise: null);
        Assert.Equal(budget.GetChunk(8), budget.GetChunk(7));
        Assert.Equal(budget.GetChunk(8), budget.GetChunk(16));
        Assert.Equal(budget.GetChunk(8), budget.GetChunk(1));
    }

    private static void Learn(PrefillBudget budget, Machine machine, int rows, Random? noise)
    {
        Observe(budget, machine, 0, 512, noise);
        for (var step = 0; step < 100; step++)
        {
            Observe(budget, machine, rows, 0, noise);
            Observe(budget, machine, rows, budget.GetChunk(rows), noise);
        }
    }

    private static void Observe(PrefillBudget budget, Machine machine, int rows, int prompt, Random? noise = null)
    {
        var factor = noise is null ? 1 : 0.9 + (0.2 * noise.NextDouble());
        budget.Observe(rows, prompt, TimeSpan.FromSeconds(machine.Seconds(rows, prompt) * factor));
    }

    private static void AssertStretch(PrefillBudget budget, Machine machine, int rows, double tolerance)
    {
        var chunk = budget.GetChunk(rows);
        var stretch = machine.Seconds(rows, chunk) / machine.Seconds(rows, 0);
        var oneToken = machine.EachPromptToken / machine.Seconds(rows, 0);
        Assert.True(stretch <= Stretch + tolerance + (oneToken / 2), $"{chunk} tokens stretch a step by {stretch:0.00}");
        Assert.True(
            chunk == PreferredChunk || stretch >= Stretch - tolerance - oneToken,
            $"{chunk} tokens stretch a step by {stretch:0.00} only");
    }
}
