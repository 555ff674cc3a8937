using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Scheduling;

// Step 2: who gets a slot, and who loses one.
public sealed partial class Scheduler
{
    /// <summary>Gives slots to waiting sequences in order of arrival; the first that has to wait keeps the others waiting.</summary>
    private bool Admit()
    {
        var worked = false;
        for (var i = 0; i < _waiting.Count;)
        {
            var sequence = _waiting[i];
            if (WaitsForSibling(sequence))
            {
                i++;
                continue;
            }

            if (!TryAdmit(sequence))
                break;

            _waiting.RemoveAt(i);
            worked = true;
        }

        return worked;
    }

    /// <summary>Further choices take the first one's prompt by copy, once it is computed.</summary>
    private bool WaitsForSibling(Sequence sequence) =>
        sequence.Choice > 0
        && sequence.OutputCount == 0
        && sequence.Request.Output.CachePrompt
        && _limits.PrefixCopy != PrefixCopy.None
        && sequence.Feed.Sequences[0] is { Phase: SequencePhase.Waiting or SequencePhase.Prefilling };

    private bool TryAdmit(Sequence sequence)
    {
        var source = FindReusable(sequence, out var length);
        if (!MakeRoomFor(sequence, ref source, ref length))
            return false;

        // Taken over where nothing is lost by it or a copy is impossible; otherwise the source stays for others.
        var takesOver = source is { IsIdle: true } && (source.IdleLength == length || _limits.PrefixCopy == PrefixCopy.None);
        var slot = takesOver ? source : _cache.FindFree() ?? TakeIdle(source, length) ?? ParkStalled();
        if (slot is null)
            return false;

        Enter(sequence, slot, FillSlot(slot, source, length));
        return true;
    }

    /// <summary>The slot with the longest useful prefix of the sequence's tokens; null when there is none.</summary>
    private Slot? FindReusable(Sequence sequence, out int length)
    {
        length = 0;
        if (!sequence.Request.Output.CachePrompt || sequence.ReportsPrompt)
            return null;

        // At least one token is computed anew, for its logits.
        var reusable = sequence.TokenCount - _limits.MinContinuation;
        if (reusable < _options.MinReuseLength)
            return null;

        var source = _cache.FindPrefix(sequence.Tokens[..reusable], out length);
        if (source is null || length < _options.MinReuseLength)
        {
            length = 0;
            return null;
        }

        // Without copies and cuts only an idle slot that is wanted whole is of use.
        var canTake = source.IsIdle && (_limits.CanTruncate || source.IdleLength == length);
        if (_limits.PrefixCopy == PrefixCopy.None && !canTake)
        {
            length = 0;
            return null;
        }

        return source;
    }

    /// <summary>Brings the slot to hold the prefix and nothing else; the length that it holds then, 0 at worst.</summary>
    private int FillSlot(Slot slot, Slot? source, int length)
    {
        if (slot.IsIdle)
        {
            if (_cache.TryTruncate(slot, length, slot.IdleLength))
            {
                Counters.PrefixTakeOvers++;
                return length;
            }

            _cache.Release(slot);
            return 0;
        }

        // A source that was parked for its slot holds nothing any more.
        if (source is not { IsFree: false } || !_cache.TryCopy(source, slot, length))
            return 0;

        Counters.PrefixCopies++;
        return length;
    }

    private void Enter(Sequence sequence, Slot slot, int reused)
    {
        slot.Sequence = sequence;
        slot.IdleLength = 0;
        slot.LastUsed = _step;
        sequence.Slot = slot.Index;
        sequence.KvLength = reused;
        sequence.Phase = SequencePhase.Prefilling;
        _cache.Tree.Set(slot.Index, sequence.TokensUpTo(reused));
        if (sequence.CachedTokenCount < 0)
            sequence.CachedTokenCount = Math.Min(reused, sequence.PromptLength);

        LeaveQueueCount(sequence.Feed);
        InsertByArrival(_active, sequence);
    }

    /// <summary>
    /// Frees KV for a newcomer and for the next tokens of those that run, so that it is not sent away again at once.
    /// </summary>
    private bool MakeRoomFor(Sequence sequence, ref Slot? source, ref int length)
    {
        if (!_limits.KvLayout.IsPooled)
            return true;

        while (true)
        {
            if (source is { IsFree: true })
            {
                source = null;
                length = 0;
            }

            var copied = _limits.PrefixCopy == PrefixCopy.Copied ? length : 0;
            var wanted = sequence.TokenCount - length + copied;
            var headroom = _active.Count == 0 ? 0 : Math.Min(_active.Count * 8, _limits.KvLayout.Capacity / 8);
            if (_cache.FreeTokenCount >= wanted + headroom)
                return true;

            if (EvictIdle(keep: source) is not null || ParkStalled() is not null)
                continue;

            // At the last, the idle source itself stands in the way of what it would save.
            if (source is not { IsIdle: true })
                return _active.Count == 0;

            _cache.Release(source);
        }
    }

    /// <summary>
    /// An idle slot for a newcomer: the one used longest ago, or the source itself when fewer tokens are lost by that.
    /// Null when none is idle.
    /// </summary>
    private Slot? TakeIdle(Slot? source, int length)
    {
        var oldest = _cache.FindLeastRecentIdle(keep: source);
        if (source is { IsIdle: true } && (oldest is null || source.IdleLength - length <= oldest.IdleLength))
            return source;

        return oldest is null ? null : EvictIdle(keep: source);
    }

    private Slot? EvictIdle(Slot? keep)
    {
        if (_cache.FindLeastRecentIdle(keep) is not { } slot)
            return null;

        _cache.Release(slot);
        Counters.Evictions++;
        return slot;
    }

    /// <summary>Takes the slot of the newest sequence whose reader is slow; null when there is none.</summary>
    private Slot? ParkStalled()
    {
        for (var i = _active.Count - 1; i >= 0; i--)
            if (_active[i].StalledSince is not null)
                return Preempt(_active[i]);

        return null;
    }

    /// <summary>Takes the slot of a sequence, which goes back to the queue, or waits for its slow reader first.</summary>
    private Slot Preempt(Sequence sequence)
    {
        var slot = Detach(sequence);
        _cache.Release(slot);
        sequence.PreemptionCount++;
        if (sequence.StalledSince is not null)
        {
            Counters.Parkings++;
            sequence.Phase = SequencePhase.Parked;
            _parked.Add(sequence);
        }
        else
        {
            Counters.Preemptions++;
            sequence.Phase = SequencePhase.Waiting;
            InsertByArrival(_waiting, sequence);
        }

        return slot;
    }

    private Slot Detach(Sequence sequence)
    {
        var slot = _cache.Slots[sequence.Slot];
        slot.Sequence = null;
        slot.LastUsed = _step;
        sequence.Slot = -1;
        sequence.KvLength = 0;
        _active.Remove(sequence);
        return slot;
    }
}
