namespace ModelRunner.Generation.Tests.Scheduling;

public sealed class SchedulerSimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 10_000;

    /// <summary>The seed to replay alone stands in the message of a failure: set it here, and only it runs.</summary>
    private static readonly string? Replay = Environment.GetEnvironmentVariable("MODEL_RUNNER_SEED");

    [Fact]
    public void Simulation_ManySeeds_KeepsInvariantsAndAnswers()
    {
        var total = new Coverage();
        var (first, count) = Replay is null ? (0, Seeds) : (int.Parse(Replay, System.Globalization.CultureInfo.InvariantCulture), 1);
        Parallel.For(first, first + count, () => new Coverage(), (seed, _, coverage) =>
        {
            try
            {
                using var simulation = new Simulation(seed, coverage);
                simulation.Run();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"MODEL_RUNNER_SEED={seed}: {exception.Message}", exception);
            }

            return coverage;
        }, coverage =>
        {
            lock (total)
                total.Merge(coverage);
        });

        output.WriteLine(total.ToString());
        if (Replay is null)
            total.AssertComplete();
    }
}
