namespace ModelRunner.Generation.Scheduling;

public sealed partial class Scheduler
{
    /// <summary>How often things happened.</summary>
    public SchedulerCounters Counters { get; } = new();

    /// <summary>Requests that were taken in and have not ended. Any thread.</summary>
    public int PendingRequestCount => Volatile.Read(ref _pendingRequests);

    /// <summary>Requests that wait for their first slot. Any thread.</summary>
    public int QueuedRequestCount => Volatile.Read(ref _queuedRequests);

    /// <summary>Sequences that run. Any thread: one that is not the loop's sees a recent value.</summary>
    public int ActiveSequenceCount => _active.Count;

    /// <summary>The state between two steps. Only where no step runs.</summary>
    internal SchedulerSnapshot TakeSnapshot() => new(
        [.. _cache.Slots.ToArray().Select(slot => new SlotSnapshot(
            slot.Index,
            slot.Sequence is { } sequence ? IdOf(sequence) : null,
            slot.IdleLength,
            _session.GetLength(slot.Index),
            _cache.Ledger?.GetLength(slot.Index),
            _cache.Tree.GetLength(slot.Index)))],
        Describe(_waiting),
        Describe(_active),
        Describe(_parked),
        _feeds.Sum(feed => feed.Sequences.Count(sequence => sequence.Phase != SequencePhase.Finished)),
        _cache.Ledger?.UsedCount,
        _cache.Ledger?.Capacity,
        Volatile.Read(ref _queuedRequests),
        _feeds.Count(feed => feed.IsQueued));

    private static (long Arrival, int Choice) IdOf(Sequence sequence) => (sequence.Feed.Arrival, sequence.Choice);

    private static List<SequenceSnapshot> Describe(List<Sequence> sequences) => sequences.ConvertAll(
        sequence => new SequenceSnapshot(
            IdOf(sequence),
            sequence.Phase,
            sequence.Slot,
            sequence.KvLength,
            sequence.TokenCount,
            sequence.OutputCount,
            sequence.MaxTokenCount));
}
