using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Scheduling;

// Step 3: which tokens the next decode has, and where their KV comes from.
public sealed partial class Scheduler
{
    /// <summary>Prompt tokens of a step whose logits are all wanted: each row is a whole vocabulary of floats.</summary>
    private const int MaxReportedChunk = 32;

    /// <summary>Forced tokens that one sampled token may bring with it.</summary>
    private const int MaxForcedTokens = 16;

    private readonly List<PlannedSequence> _planned = [];
    private PlanInput[] _plan;
    private int[] _counts;
    private int _batchTokens;
    private int _kvBackoff = int.MaxValue;

    /// <summary>One sequence of the present step; LastRow has the logits after its last token that is no draft.</summary>
    private readonly record struct PlannedSequence(Sequence Sequence, int Count, int DraftCount, int LastRow);

    /// <summary>Fills the batch; false when no sequence can run.</summary>
    private bool Plan()
    {
        _batch.Clear();
        _planned.Clear();
        while (true)
        {
            var (decodeRows, decodeTokens, prefillTokens) = CollectInputs();
            if (decodeTokens + prefillTokens == 0)
                return false;

            var chunk = Math.Min(_budget.GetChunk(decodeRows), _kvBackoff);
            MakeKvRoom(decodeTokens, Math.Min(chunk, prefillTokens), out var mustReclaim);
            if (!mustReclaim)
            {
                // In every other step, so that a short prompt does not wait for a long one, nor a long one for ever.
                var shortestFirst = _step % 2 == 1;
                var bounds = new StepBounds(_batchTokens, _cache.FreeTokenCount, chunk, _limits.MinContinuation, shortestFirst);
                StepPlanner.Plan(_plan.AsSpan(0, _active.Count), (int)(_step % _active.Count), bounds, _counts);
                if (FillBatch())
                    return true;
            }

            // Every eviction that could help was made: someone has to give way to those that came before.
            if (!ReclaimNewest())
                return false;
        }
    }

    private (int DecodeRows, int DecodeTokens, int PrefillTokens) CollectInputs()
    {
        foreach (var sequence in _active)
        {
            sequence.Feed.UnplannedRoom = sequence.Feed.Room;
            sequence.Feed.IsStalled = false;
        }

        int decodeRows = 0, decodeTokens = 0, prefillTokens = 0;
        for (var i = 0; i < _active.Count; i++)
        {
            var sequence = _active[i];
            // More forced tokens than a step holds go in pieces, like a prompt: all at once they would wait for ever.
            var isDecoding = sequence.Phase == SequencePhase.Decoding && sequence.PendingCount <= _batchTokens;
            var maxCount = MaxCount(sequence);
            _plan[i] = new PlanInput(sequence.PendingCount, isDecoding, maxCount);
            if (maxCount == 0)
                continue;

            if (isDecoding)
            {
                decodeRows++;
                decodeTokens += sequence.PendingCount;
            }
            else
            {
                prefillTokens += sequence.PendingCount;
            }
        }

        return (decodeRows, decodeTokens, prefillTokens);
    }

    /// <summary>Tokens that a sequence may have in this step, by the room in its feed: 0 when it stalls.</summary>
    private int MaxCount(Sequence sequence)
    {
        var feed = sequence.Feed;
        var room = RoomFor(sequence);
        if (feed.UnplannedRoom < room)
        {
            var missing = room - feed.UnplannedRoom;
            var before = feed.Room;
            if (!HasRoom(feed, before + missing))
            {
                sequence.StalledSince ??= _time.GetTimestamp();
                return 0;
            }

            feed.UnplannedRoom += feed.Room - before;
        }

        sequence.StalledSince = null;
        feed.UnplannedRoom -= room;
        return sequence.ReportsPrompt ? MaxReportedChunk : int.MaxValue;
    }

    /// <summary>Updates that a sequence may write in one step: a token, what it forces, drafts, the end.</summary>
    private int RoomFor(Sequence sequence) =>
        2
        + (sequence.Constraint is null ? 0 : MaxForcedTokens)
        + (_drafter is null ? 0 : _options.MaxDraftTokens)
        + (sequence.ReportsPrompt ? MaxReportedChunk : 0);

    /// <summary>The same for every choice that still runs.</summary>
    private int RoomForAll(GenerationFeed feed)
    {
        var room = 0;
        foreach (var sequence in feed.Sequences)
            if (sequence.Phase != SequencePhase.Finished)
                room += RoomFor(sequence);

        return room;
    }

    /// <summary>Whether so much can be written; when not, the reader will wake the loop.</summary>
    private static bool HasRoom(GenerationFeed feed, int count)
    {
        if (feed.Room >= count)
            return true;

        // The flag goes up before the room is read again: a reader that misses the flag has made room by then.
        feed.IsStalled = true;
        Interlocked.MemoryBarrier();
        return feed.Room >= count;
    }

    /// <summary>Evicts idle slots for a step; says when only a running sequence can make room.</summary>
    private void MakeKvRoom(int decodeTokens, int prefillTokens, out bool mustReclaim)
    {
        mustReclaim = false;
        if (!_limits.KvLayout.IsPooled)
            return;

        while (_cache.FreeTokenCount < (long)decodeTokens + prefillTokens && EvictIdle(keep: null) is not null)
        {
        }

        mustReclaim = _cache.FreeTokenCount < decodeTokens && _active.Count > 1;
    }

    /// <summary>
    /// Preempts a sequence with a slow reader, else the newest one. Never the only one: it fits by itself.
    /// </summary>
    private bool ReclaimNewest()
    {
        if (ParkStalled() is not null)
            return true;

        if (_active.Count < 2)
            return false;

        Preempt(_active[^1]);
        return true;
    }

    private bool FillBatch()
    {
        var left = _batchTokens;
        var kvLeft = _cache.FreeTokenCount;
        for (var i = 0; i < _active.Count; i++)
        {
            left -= _counts[i];
            kvLeft -= _counts[i];
        }

        for (var i = 0; i < _active.Count; i++)
        {
            var count = _counts[i];
            if (count == 0)
                continue;

            var sequence = _active[i];
            var drafts = Draft(sequence, count, Math.Min(left, kvLeft));
            left -= drafts;
            kvLeft -= drafts;
            var rows = LogitRows.None;
            if (drafts > 0 || (sequence.ReportsPrompt && sequence.Phase == SequencePhase.Prefilling))
                rows = LogitRows.All;
            else if (count == sequence.PendingCount)
                rows = LogitRows.Last;

            var row = _batch.Add(sequence.Slot, sequence.KvLength, sequence.PendingTokens(count + drafts), rows);
            if (rows == LogitRows.All)
                row += count - 1;

            _planned.Add(new PlannedSequence(sequence, count, drafts, row));
            _cache.Slots[sequence.Slot].LastUsed = _step;
        }

        return _planned.Count > 0;
    }

    private int Draft(Sequence sequence, int count, int left)
    {
        sequence.SetDrafts(0);
        if (_drafter is null || sequence.Phase != SequencePhase.Decoding || count < sequence.PendingCount || !_limits.CanTruncate)
            return 0;

        // The token after the last draft must still fit.
        var max = Math.Min(Math.Min(_options.MaxDraftTokens, left), sequence.MaxTokenCount - sequence.TokenCount - 1);
        if (max <= 0)
            return 0;

        var room = sequence.DraftRoom(max);
        var drafts = _drafter.Draft(sequence.Tokens, room);
        for (var i = 0; i < drafts; i++)
        {
            if ((uint)room[i] >= (uint)_tokenizer.VocabularySize)
            {
                drafts = i;
                break;
            }
        }

        sequence.SetDrafts(drafts);
        return drafts;
    }
}
