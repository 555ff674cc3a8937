using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Generation.Tests.Scheduling;

public sealed class StepPlannerTests
{
    private const int Cases = 20_000;

    [Fact]
    public void Plan_RandomInputs_StaysWithinBounds()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var bounds = DrawBounds(random);
            var inputs = Enumerable.Range(0, random.Next(1, 12)).Select(_ => DrawInput(random, bounds)).ToArray();
            var counts = Plan(inputs, random.Next(inputs.Length), bounds);
            var violation = FindViolation(inputs, counts, bounds);
            Assert.True(violation is null, $"seed {seed}: {violation}; {bounds}; {Show(inputs, counts)}");
        }
    }

    [Fact]
    public void Plan_SuccessiveSteps_StarveNobody()
    {
        for (var seed = 0; seed < Cases / 20; seed++)
        {
            var random = new Random(seed);
            var bounds = DrawBounds(random) with { MaxKvTokens = int.MaxValue, PrefillChunk = random.Next(1, 60) };
            var inputs = Enumerable.Range(0, random.Next(1, 12)).Select(_ => DrawInput(random, bounds) with { MaxCount = int.MaxValue }).ToArray();
            var served = new int[inputs.Length];
            var prompt = 0;
            for (var step = 0; step < inputs.Length; step++)
            {
                var counts = Plan(inputs, step, bounds);
                for (var i = 0; i < inputs.Length; i++)
                {
                    served[i] += counts[i];
                    prompt += inputs[i].IsDecoding ? 0 : counts[i];
                }
            }

            // One round serves each decode row, and some prompt.
            for (var i = 0; i < inputs.Length; i++)
                Assert.True(served[i] > 0 || !inputs[i].IsDecoding, $"seed {seed}: row {i} starves; {bounds}; {Show(inputs, served)}");

            Assert.True(prompt > 0 || inputs.All(input => input.IsDecoding), $"seed {seed}: no prompt moves; {bounds}; {Show(inputs, served)}");
        }
    }

    [Fact]
    public void Plan_OneTokenDecodes_LeaveEveryStepRoomForAPrompt()
    {
        for (var seed = 0; seed < Cases / 20; seed++)
        {
            var random = new Random(seed);
            var bounds = DrawBounds(random) with { MaxKvTokens = int.MaxValue, PrefillChunk = random.Next(1, 60) };
            var decodes = Enumerable.Repeat(new PlanInput(1, true, int.MaxValue), random.Next(1, 40));
            PlanInput[] inputs = [.. decodes, new(random.Next(1, 200), false, int.MaxValue)];

            // At least one more than the floor, which is what the first decode row may take of it.
            bounds = bounds with { MaxTokens = Math.Max(bounds.MaxTokens, 2 * bounds.MinContinuation) };
            var counts = Plan(inputs, random.Next(inputs.Length), bounds);
            Assert.True(counts[^1] > 0, $"seed {seed}: {bounds}; {Show(inputs, counts)}");
        }
    }

    [Fact]
    public void Plan_NoChunk_GivesDecodeRowsAlone()
    {
        var bounds = new StepBounds(64, int.MaxValue, PrefillChunk: 0, MinContinuation: 1, ShortestFirst: false);
        Assert.Equal([1, 0, 1], Plan([new(1, true, 9), new(30, false, 99), new(1, true, 9)], 0, bounds));

        // A step that would do nothing moves the prompt after all.
        Assert.Equal([0, 1], Plan([new(1, true, 0), new(30, false, 99)], 0, bounds));
    }

    [Fact]
    public void Plan_ShortestFirst_LetsAShortPromptPass()
    {
        var bounds = new StepBounds(64, int.MaxValue, PrefillChunk: 16, MinContinuation: 1, ShortestFirst: true);
        PlanInput[] inputs = [new(4000, false, int.MaxValue), new(1, true, 9), new(30, false, int.MaxValue), new(10, false, int.MaxValue)];
        Assert.Equal([6, 1, 0, 10], Plan(inputs, 0, bounds));
        Assert.Equal([16, 1, 0, 0], Plan(inputs, 0, bounds with { ShortestFirst = false }));
    }

    [Fact]
    public void Plan_SuccessiveChunks_CompleteThePrompt()
    {
        for (var seed = 0; seed < Cases / 20; seed++)
        {
            var random = new Random(seed);
            var bounds = DrawBounds(random) with { MaxKvTokens = int.MaxValue };
            var pending = random.Next(1, 500);
            for (var steps = 0; pending > 0; steps++)
            {
                Assert.True(steps < 500, $"seed {seed}: {pending} tokens stay behind; {bounds}");
                var count = Plan([new(pending, false, int.MaxValue)], 0, bounds)[0];
                Assert.True(count > 0, $"seed {seed}: nothing of {pending}; {bounds}");
                pending -= count;
                Assert.True(pending == 0 || pending >= bounds.MinContinuation, $"seed {seed}: {pending} left; {bounds}");
            }
        }
    }

    private static string? FindViolation(PlanInput[] inputs, int[] counts, in StepBounds bounds)
    {
        if (counts.Sum() > bounds.MaxTokens || counts.Sum() > bounds.MaxKvTokens)
            return $"{counts.Sum()} tokens";

        var floor = (2 * bounds.MinContinuation) - 1;
        if (inputs.Zip(counts).Where(pair => !pair.First.IsDecoding).Sum(pair => pair.Second) > Math.Max(bounds.PrefillChunk, floor))
            return "more prompt than a chunk";

        foreach (var (input, count) in inputs.Zip(counts))
        {
            if (count < 0 || count > input.PendingCount || count > input.MaxCount)
                return $"{count} for {input}";

            if (input.IsDecoding && count != 0 && count != input.PendingCount)
                return $"{count} of a decode row {input}";

            var rest = input.PendingCount - count;
            if (count > 0 && rest > 0 && (count < bounds.MinContinuation || rest < bounds.MinContinuation))
                return $"a piece of {count} that leaves {rest}";
        }

        return null;
    }

    private static int[] Plan(PlanInput[] inputs, int firstDecode, in StepBounds bounds)
    {
        // What an earlier step left behind must not show.
        var counts = Enumerable.Repeat(-7, inputs.Length).ToArray();
        StepPlanner.Plan(inputs, firstDecode, bounds, counts);
        return counts;
    }

    private static StepBounds DrawBounds(Random random)
    {
        var min = random.Next(1, 4);
        var floor = (2 * min) - 1;
        return new StepBounds(random.Next(floor, 80), random.Next(0, 80), random.Next(0, 60), min, random.Next(2) == 1);
    }

    private static PlanInput DrawInput(Random random, in StepBounds bounds)
    {
        var isDecoding = random.Next(2) == 0;
        var pending = isDecoding ? 1 + (random.Next(3) == 0 ? random.Next(bounds.MaxTokens) : 0) : random.Next(1, 120);
        var max = random.Next(4) switch { 0 => 0, 1 => 32, _ => int.MaxValue };
        return new PlanInput(pending, isDecoding, isDecoding && max == 32 ? int.MaxValue : max);
    }

    private static string Show(PlanInput[] inputs, int[] counts) =>
        string.Join(", ", inputs.Zip(counts, (input, count) => $"{count} of {input}"));
}
