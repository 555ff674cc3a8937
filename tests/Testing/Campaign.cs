namespace ModelRunner.Testing;

/// <summary>
/// How much of a long test runs: a fixed-seed slice by default, all of it with <c>MODEL_RUNNER_CAMPAIGN=full</c>.
/// </summary>
public static class Campaign
{
    /// <summary>True for the whole counts.</summary>
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("MODEL_RUNNER_CAMPAIGN") == "full";

    /// <summary>The number of cases to run.</summary>
    public static int Count(int slice, int full) => IsFull ? full : slice;
}
