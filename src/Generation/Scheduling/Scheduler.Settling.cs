using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Scheduling;

// Step 5: what the decode did, and what follows when it failed.
public sealed partial class Scheduler
{
    /// <summary>Steps without room, one after another, after which a sequence that is alone is given up.</summary>
    private const int MaxFruitlessSteps = 16;

    private int _fruitlessSteps;

    /// <summary>False when the session is lost and no other can be made.</summary>
    private bool Settle(DecodeStatus status, TimeSpan duration)
    {
        switch (status)
        {
            case DecodeStatus.Ok:
                _fruitlessSteps = 0;
                _kvBackoff = int.MaxValue;
                Observe(duration);
                foreach (var planned in _planned)
                    Advance(planned);
                return true;

            case DecodeStatus.RowsFailed:
                SettleFailedRows();
                return true;

            case DecodeStatus.NoKvSpace:
                SettleNoSpace();
                return true;

            case DecodeStatus.Aborted:
                foreach (var planned in _planned)
                    Resume(planned.Sequence);
                return true;

            default:
                return SettleFault();
        }
    }

    private void Observe(TimeSpan duration)
    {
        int decodeRows = 0, prefillTokens = 0;
        foreach (var planned in _planned)
        {
            if (planned.Sequence.Phase == SequencePhase.Decoding)
                decodeRows++;
            else
                prefillTokens += planned.Count;
        }

        _budget.Observe(decodeRows, prefillTokens, duration);
    }

    private void Advance(in PlannedSequence planned)
    {
        var sequence = planned.Sequence;

        // A sibling's failure earlier in this step may have ended it.
        if (!sequence.HasSlot)
            return;

        _cache.Append(sequence.Slot, planned.Count + planned.DraftCount);
        var first = sequence.KvLength;
        sequence.KvLength += planned.Count;
        if (sequence.Phase == SequencePhase.Prefilling)
        {
            if (sequence.Request.Output.CachePrompt)
                _cache.Tree.Set(sequence.Slot, sequence.TokensUpTo(sequence.KvLength));

            if (sequence.ReportsPrompt)
                ReportPrompt(sequence, first, planned);
        }

        if (sequence.PendingCount == 0)
        {
            sequence.Phase = SequencePhase.Decoding;
            try
            {
                Generate(sequence, planned);
            }
            catch (GenerationException exception)
            {
                // What goes wrong with a constraint ends its own request alone.
                Fail(sequence.Feed, exception);
            }
        }
    }

    private void SettleFailedRows()
    {
        var failed = _session.FailedRows.ToArray();
        for (var i = 0; i < _planned.Count; i++)
        {
            if (!failed.Contains(i))
                Advance(_planned[i]);
        }

        foreach (var index in failed)
            if (_planned[index].Sequence is { HasSlot: true } sequence)
                Retry(sequence);
    }

    /// <summary>The engine found no room where the ledger saw some: the same answers, then smaller steps.</summary>
    private void SettleNoSpace()
    {
        if (EvictIdle(keep: null) is not null || ReclaimNewest())
            return;

        if (++_fruitlessSteps <= MaxFruitlessSteps)
        {
            _kvBackoff = Math.Max(_batch.TokenCount / 2, 2 * _limits.MinContinuation);
            return;
        }

        _fruitlessSteps = 0;
        Fail(_planned[0].Sequence.Feed, DecodeFailed());
    }

    /// <summary>After an abort: goes on from what the session kept.</summary>
    private void Resume(Sequence sequence)
    {
        var length = _cache.Reconcile(_cache.Slots[sequence.Slot]);

        // Logits of tokens that are in already cannot be read any more: the last ones are computed again.
        var rerun = sequence.OutputCount > 0 ? 1 : Math.Min(_limits.MinContinuation, sequence.TokenCount);
        var keep = Math.Min(length, sequence.TokenCount - rerun);

        // So are those whose log probabilities the client has yet to see: the row at i tells of the token at i + 1.
        if (sequence.ReportsPrompt)
            keep = Math.Min(keep, Math.Max(0, sequence.ReportedPromptCount - 1));

        if (!_cache.TryTruncate(_cache.Slots[sequence.Slot], keep, length))
        {
            Requeue(sequence);
            return;
        }

        sequence.KvLength = keep;
        if (_cache.Tree.GetLength(sequence.Slot) > keep)
            _cache.Tree.Set(sequence.Slot, sequence.TokensUpTo(keep));
    }

    private bool SettleFault()
    {
        CloseSession();
        Counters.Faults++;
        var planned = _planned.ConvertAll(static p => p.Sequence);
        foreach (var sequence in _active.ToArray())
        {
            sequence.Slot = -1;
            sequence.KvLength = 0;
            _active.Remove(sequence);
            if (sequence.Feed.IsComplete)
                continue;

            sequence.Phase = SequencePhase.Waiting;
            InsertByArrival(_waiting, sequence);
        }

        try
        {
            OpenSession();
        }
        catch (ModelRunnerException exception)
        {
            _submitted.Writer.TryComplete();
            TakeSubmitted();
            foreach (var feed in _feeds.ToArray())
                Fail(feed, new GenerationException(GenerationException.DecodeFailed, "The engine failed and could not be started again.", exception));
            return false;
        }

        foreach (var sequence in planned)
            if (sequence.Phase != SequencePhase.Finished && ++sequence.RetryCount > _options.MaxRetries)
                Fail(sequence.Feed, DecodeFailed());

        return true;
    }

    /// <summary>Computes a sequence again from its tokens, or gives it up.</summary>
    private void Retry(Sequence sequence)
    {
        if (++sequence.RetryCount > _options.MaxRetries)
        {
            _cache.Release(Detach(sequence));
            Fail(sequence.Feed, DecodeFailed());
        }
        else
        {
            Requeue(sequence);
        }
    }

    private void Requeue(Sequence sequence)
    {
        Counters.Retries++;
        _cache.Release(Detach(sequence));
        sequence.Phase = SequencePhase.Waiting;
        InsertByArrival(_waiting, sequence);
    }

    private static GenerationException DecodeFailed() =>
        new(GenerationException.DecodeFailed, "The engine failed to compute this request.");
}
