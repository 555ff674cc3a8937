namespace ModelRunner.Generation.Scheduling;

/// <summary>How often things happened since the start. Written by the loop thread; a reader sees recent values.</summary>
public sealed class SchedulerCounters
{
    /// <summary>Steps that decoded.</summary>
    public long Decodes { get; internal set; }

    /// <summary>Idle slots that lost their tokens to others.</summary>
    public long Evictions { get; internal set; }

    /// <summary>Running sequences that were sent back to the queue.</summary>
    public long Preemptions { get; internal set; }

    /// <summary>Sequences that lost their slot because their reader is slow.</summary>
    public long Parkings { get; internal set; }

    /// <summary>Idle slots that were taken over with their tokens.</summary>
    public long PrefixTakeOvers { get; internal set; }

    /// <summary>Prefixes that were copied between slots.</summary>
    public long PrefixCopies { get; internal set; }

    /// <summary>Draft tokens that were right.</summary>
    public long AcceptedDrafts { get; internal set; }

    /// <summary>Draft tokens that were wrong.</summary>
    public long RejectedDrafts { get; internal set; }

    /// <summary>Tokens that a constraint left no choice about.</summary>
    public long ForcedTokens { get; internal set; }

    /// <summary>Sequences that were computed again after a failure.</summary>
    public long Retries { get; internal set; }

    /// <summary>Sessions that were replaced.</summary>
    public long Faults { get; internal set; }
}
