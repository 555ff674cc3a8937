namespace ModelRunner.Generation.Scheduling;

/// <summary>The scheduler's state at one moment, as data.</summary>
internal sealed record SchedulerSnapshot(
    IReadOnlyList<SlotSnapshot> Slots,
    IReadOnlyList<SequenceSnapshot> Waiting,
    IReadOnlyList<SequenceSnapshot> Active,
    IReadOnlyList<SequenceSnapshot> Parked,
    int LiveChoiceCount,
    int? LedgerUsedCount,
    int? LedgerCapacity,
    int QueuedRequestCount,
    int LiveQueuedRequestCount);

/// <summary>One slot.</summary>
/// <param name="Index">The sequence id of the session.</param>
/// <param name="Owner">Arrival and choice of the sequence that uses it; null for a free or idle one.</param>
/// <param name="IdleLength">Tokens that an idle slot keeps.</param>
/// <param name="SessionLength">What the session says.</param>
/// <param name="LedgerLength">What the ledger says; null without one.</param>
/// <param name="TreeLength">Tokens that the prefix tree knows.</param>
internal sealed record SlotSnapshot(
    int Index,
    (long Arrival, int Choice)? Owner,
    int IdleLength,
    int SessionLength,
    int? LedgerLength,
    int TreeLength);

/// <summary>One sequence.</summary>
internal sealed record SequenceSnapshot(
    (long Arrival, int Choice) Id,
    SequencePhase Phase,
    int Slot,
    int KvLength,
    int TokenCount,
    int OutputCount,
    int MaxTokenCount);
