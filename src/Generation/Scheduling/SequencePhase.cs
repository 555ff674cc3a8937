namespace ModelRunner.Generation.Scheduling;

/// <summary>Where a sequence stands. Every sequence ends in <see cref="Finished"/>, exactly once.</summary>
public enum SequencePhase
{
    /// <summary>In the queue, without a slot.</summary>
    Waiting,

    /// <summary>Has a slot; prompt tokens are still to be computed.</summary>
    Prefilling,

    /// <summary>Has a slot; generates.</summary>
    Decoding,

    /// <summary>Its reader is slow, and its slot went to others. Waits for the reader, then queues again.</summary>
    Parked,

    /// <summary>Ended: its last update is written.</summary>
    Finished,
}
