namespace ModelRunner.Generation.Scheduling;

/// <summary>What is true of every scheduler between two steps.</summary>
internal static class SchedulerInvariants
{
    /// <summary>All violations; empty when the state is sound.</summary>
    public static List<string> Check(SchedulerSnapshot snapshot)
    {
        var violations = new List<string>();
        CheckSlots(snapshot, violations);
        CheckActive(snapshot, violations);
        CheckQueue(snapshot.Waiting, SequencePhase.Waiting, "waiting", violations);
        CheckQueue(snapshot.Parked, SequencePhase.Parked, "parked", violations);
        CheckOrder(snapshot.Waiting, "waiting", violations);
        CheckOrder(snapshot.Active, "active", violations);
        CheckCounts(snapshot, violations);
        return violations;
    }

    private static void CheckSlots(SchedulerSnapshot snapshot, List<string> violations)
    {
        foreach (var slot in snapshot.Slots)
        {
            var owner = slot.Owner is { } id ? snapshot.Active.FirstOrDefault(sequence => sequence.Id == id) : null;
            if (slot.Owner is not null && owner?.Slot != slot.Index)
                violations.Add($"slot {slot.Index} belongs to {slot.Owner}, which does not run in it");

            if (slot.Owner is not null && slot.IdleLength != 0)
                violations.Add($"slot {slot.Index} is used and idle");

            var expected = owner?.KvLength ?? slot.IdleLength;
            if (slot.SessionLength != expected)
                violations.Add($"slot {slot.Index} holds {slot.SessionLength} tokens, not {expected}");

            if (slot.LedgerLength is { } ledger && ledger != slot.SessionLength)
                violations.Add($"the ledger has {ledger} tokens in slot {slot.Index}, the session {slot.SessionLength}");

            if (slot.TreeLength > slot.SessionLength)
                violations.Add($"the prefix tree has {slot.TreeLength} tokens in slot {slot.Index}, the session {slot.SessionLength}");
        }

        if (snapshot.LedgerUsedCount > snapshot.LedgerCapacity || snapshot.LedgerUsedCount < 0)
            violations.Add($"the ledger uses {snapshot.LedgerUsedCount} of {snapshot.LedgerCapacity}");
    }

    private static void CheckActive(SchedulerSnapshot snapshot, List<string> violations)
    {
        foreach (var sequence in snapshot.Active)
        {
            if (sequence.Phase is not (SequencePhase.Prefilling or SequencePhase.Decoding))
                violations.Add($"{sequence.Id} runs in phase {sequence.Phase}");

            if (sequence.KvLength >= sequence.TokenCount)
                violations.Add($"{sequence.Id} has nothing pending: {sequence.KvLength} of {sequence.TokenCount}");

            if (sequence.TokenCount > sequence.MaxTokenCount)
                violations.Add($"{sequence.Id} has {sequence.TokenCount} tokens of {sequence.MaxTokenCount}");

            if ((uint)sequence.Slot >= (uint)snapshot.Slots.Count || snapshot.Slots[sequence.Slot].Owner != sequence.Id)
                violations.Add($"{sequence.Id} runs in slot {sequence.Slot}, which is not its own");
        }
    }

    private static void CheckQueue(
        IReadOnlyList<SequenceSnapshot> sequences,
        SequencePhase phase,
        string place,
        List<string> violations)
    {
        foreach (var sequence in sequences)
        {
            if (sequence.Phase != phase)
                violations.Add($"{sequence.Id} is {place} in phase {sequence.Phase}");

            if (sequence.Slot >= 0 || sequence.KvLength != 0)
                violations.Add($"{sequence.Id} is {place} with slot {sequence.Slot} and {sequence.KvLength} tokens");
        }
    }

    private static void CheckOrder(IReadOnlyList<SequenceSnapshot> sequences, string place, List<string> violations)
    {
        for (var i = 1; i < sequences.Count; i++)
            if (sequences[i - 1].Id.CompareTo(sequences[i].Id) >= 0)
                violations.Add($"{sequences[i].Id} is {place} behind {sequences[i - 1].Id}");
    }

    private static void CheckCounts(SchedulerSnapshot snapshot, List<string> violations)
    {
        var placed = snapshot.Waiting.Count + snapshot.Active.Count + snapshot.Parked.Count;
        if (placed != snapshot.LiveChoiceCount)
            violations.Add($"{snapshot.LiveChoiceCount} choices live, {placed} have a place");

        var distinct = snapshot.Waiting.Concat(snapshot.Active).Concat(snapshot.Parked).Select(s => s.Id).Distinct().Count();
        if (distinct != placed)
            violations.Add($"{placed - distinct} sequences have two places");

        if (snapshot.QueuedRequestCount != snapshot.LiveQueuedRequestCount)
            violations.Add($"{snapshot.QueuedRequestCount} requests count as queued, {snapshot.LiveQueuedRequestCount} are");
    }
}
