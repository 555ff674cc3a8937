using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Scheduling;

/// <summary>
/// The slots of a session, what each holds, and who may have it next. Keeps session, ledger and prefix tree in step:
/// no other code of the scheduler releases, truncates or copies.
/// </summary>
internal sealed class KvCache
{
    private readonly IDecodeSession _session;
    private readonly Slot[] _slots;
    private readonly KvLedger? _ledger;
    private readonly PrefixTree _tree;

    public KvCache(IDecodeSession session)
    {
        _session = session;
        var limits = session.Limits;
        _slots = new Slot[Math.Min(limits.MaxSequences, SlotSet.Capacity)];
        for (var i = 0; i < _slots.Length; i++)
            _slots[i] = new Slot(i);

        _tree = new PrefixTree(_slots.Length);
        if (limits.KvLayout.IsPooled)
            _ledger = new KvLedger(limits.KvLayout.Capacity, _slots.Length, limits.PrefixCopy == PrefixCopy.Shared);
    }

    public ReadOnlySpan<Slot> Slots => _slots;

    public KvLedger? Ledger => _ledger;

    public PrefixTree Tree => _tree;

    /// <summary>Tokens that still fit: of the pool, or without bound where each sequence has its own region.</summary>
    public int FreeTokenCount => _ledger?.FreeCount ?? int.MaxValue;

    public Slot? FindFree()
    {
        foreach (var slot in _slots)
            if (slot.IsFree)
                return slot;

        return null;
    }

    /// <summary>The idle slot that was used longest ago, other than <paramref name="keep"/>; null when there is none.</summary>
    public Slot? FindLeastRecentIdle(Slot? keep)
    {
        Slot? found = null;
        foreach (var slot in _slots)
            if (slot.IsIdle && slot != keep && (found is null || slot.LastUsed < found.LastUsed))
                found = slot;

        return found;
    }

    /// <summary>The longest resident prefix of the tokens, and the best slot that has it; null when there is none.</summary>
    public Slot? FindPrefix(ReadOnlySpan<int> tokens, out int length)
    {
        length = _tree.Match(tokens, out var candidates);
        Slot? best = null;
        for (var i = candidates.Next(0); i >= 0; i = candidates.Next(i + 1))
        {
            var slot = _slots[i];

            // An idle slot whose every token is wanted loses nothing when it is taken over.
            if (slot.IsIdle && slot.IdleLength == length)
                return slot;

            if (best is null || (slot.IsIdle && (!best.IsIdle || slot.IdleLength < best.IdleLength)))
                best = slot;
        }

        return best;
    }

    /// <summary>Empties the slot and takes it from whoever has it.</summary>
    public void Release(Slot slot)
    {
        Clear(slot);
        slot.Sequence = null;
        slot.IdleLength = 0;
    }

    /// <summary>Keeps [0, length); false, with nothing changed, where the engine cannot.</summary>
    public bool TryTruncate(Slot slot, int length, int currentLength)
    {
        if (length == currentLength)
            return true;

        if (length == 0)
        {
            Clear(slot);
            return true;
        }

        if (!_session.TryTruncate(slot.Index, length))
            return false;

        _ledger?.Truncate(slot.Index, length);
        return true;
    }

    public bool TryCopy(Slot source, Slot target, int length)
    {
        if (_session.Limits.PrefixCopy == PrefixCopy.None
            || _ledger?.CanCopy(length) == false
            || !_session.TryCopyPrefix(source.Index, target.Index, length))
        {
            return false;
        }

        _ledger?.Copy(source.Index, target.Index, length);
        return true;
    }

    public void Append(int slot, int count) => _ledger?.Append(slot, count);

    private void Clear(Slot slot)
    {
        _session.Release(slot.Index);
        _ledger?.Truncate(slot.Index, 0);
        _tree.Remove(slot.Index);
    }

    /// <summary>Brings the ledger to what the session says, after a step that went wrong.</summary>
    public int Reconcile(Slot slot)
    {
        var length = _session.GetLength(slot.Index);
        if (_ledger is not null)
        {
            var known = _ledger.GetLength(slot.Index);
            if (length < known)
                _ledger.Truncate(slot.Index, length);
            else if (length > known)
                _ledger.Append(slot.Index, length - known);
        }

        return length;
    }
}
