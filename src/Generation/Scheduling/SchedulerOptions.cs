namespace ModelRunner.Generation.Scheduling;

/// <summary>Settings of one model's scheduler.</summary>
public sealed record SchedulerOptions
{
    /// <value>Requests that may wait for a slot. The default is 1,024.</value>
    public int MaxQueuedRequests { get; init; } = 1024;

    /// <value>Prompt tokens of all waiting requests, times their choices. The default is 4 million.</value>
    public long MaxQueuedTokens { get; init; } = 4_000_000;

    /// <value>Updates that wait for a reader before its request stalls. The default is 128.</value>
    public int UpdateCapacity { get; init; } = 128;

    /// <value>How long a reader may read nothing while its request stalls. The default is 60 seconds.</value>
    public TimeSpan SlowReaderLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <value>Tokens of one step at most; 0 takes the session's limit. The default is 0.</value>
    public int MaxStepTokens { get; init; }

    /// <value>Shortest prefix that is worth reusing, in tokens. The default is 8.</value>
    public int MinReuseLength { get; init; } = 8;

    /// <value>
    /// How much longer a step may get by the prefill that it carries beside running streams, as a multiple of the
    /// step without it. The default is 2.
    /// </value>
    public double MaxStepStretch { get; init; } = 2;

    /// <value>How often a sequence whose decode failed is tried again from its tokens. The default is 1.</value>
    public int MaxRetries { get; init; } = 1;

    /// <value>Tokens that a drafter may propose in one step. The default is 0: no drafts.</value>
    public int MaxDraftTokens { get; init; }
}
