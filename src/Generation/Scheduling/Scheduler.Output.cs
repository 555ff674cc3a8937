using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Sampling;
using ModelRunner.Generation.Text;

namespace ModelRunner.Generation.Scheduling;

// Step 6: from logits to updates, and the end of sequences.
public sealed partial class Scheduler
{
    /// <summary>Samples the next token; with drafts, one for each row as long as the draft was right.</summary>
    private void Generate(Sequence sequence, in PlannedSequence planned)
    {
        Span<int> drafts = stackalloc int[planned.DraftCount];
        for (var i = 0; i < drafts.Length; i++)
            drafts[i] = sequence.GetDraft(i);

        sequence.SetDrafts(0);
        var computed = sequence.KvLength + drafts.Length;
        for (var row = 0; ; row++)
        {
            var logits = _session.GetLogits(planned.LastRow + row);
            var token = SampleToken(sequence, logits);
            if (AcceptToken(sequence, token, logits) || sequence.Phase == SequencePhase.Finished)
                break;

            if (row == drafts.Length || drafts[row] != token)
            {
                AppendForced(sequence);
                break;
            }

            // The draft was right, so its KV is the token's own.
            sequence.KvLength++;
            Counters.AcceptedDrafts++;
        }

        Counters.RejectedDrafts += computed - sequence.KvLength;

        if (sequence.Phase == SequencePhase.Finished)
            return;

        if (!_cache.TryTruncate(_cache.Slots[sequence.Slot], sequence.KvLength, computed))
            Requeue(sequence);
        else if (sequence.End is { } reason)
            Finish(sequence, reason);
    }

    private ReadOnlyMemory<byte> BytesOf(Sequence sequence, int token) =>
        sequence.Feed.Request.VisibleTokens is { } visible && visible.TryGetValue(token, out var bytes)
            ? bytes
            : _tokenizer.GetBytes(token);

    private int SampleToken(Sequence sequence, ReadOnlySpan<float> logits)
    {
        ReadOnlySpan<ulong> mask = [];
        if (sequence.Constraint is { } constraint)
        {
            constraint.FillMask(_mask);
            mask = _mask;
        }

        return sequence.Sampler.Sample(
            logits,
            mask,
            BannedTokens(sequence),
            sequence.Tokens,
            sequence.PromptLength,
            sequence.OutputCount,
            _workspace);
    }

    private ReadOnlySpan<int> BannedTokens(Sequence sequence)
    {
        var output = sequence.Request.Output;
        if (sequence.OutputCount < output.MinTokens)
            return sequence.EndingTokens ??= [.. _endTokens, .. output.StopTokens];

        return output.IgnoreEndOfGeneration ? _endTokens : [];
    }

    /// <summary>Takes a token into the output. True when the sequence ends with it.</summary>
    private bool AcceptToken(Sequence sequence, int token, ReadOnlySpan<float> logits)
    {
        if (token < 0)
        {
            Fail(sequence.Feed, new GenerationException(
                GenerationException.DecodeFailed,
                "No token can follow: the model's output is not a number, or every token is forbidden."));
            return true;
        }

        var output = sequence.Request.Output;
        if (_tokenizer.IsEndOfGeneration(token) || Contains(output.StopTokens, token))
        {
            sequence.HasEndToken = true;
            sequence.End = FinishReason.Stop;
            return true;
        }

        sequence.Constraint?.Accept(token);
        sequence.Append(token);
        var canStop = sequence.OutputCount >= output.MinTokens;
        var isStopped = sequence.Text.Push(BytesOf(sequence, token), canStop, out var piece);
        WriteToken(sequence, token, piece, logits);
        if (isStopped)
        {
            sequence.IsTextComplete = true;
            sequence.End = FinishReason.Stop;
        }
        else if (sequence.TokenCount >= sequence.MaxTokenCount)
        {
            sequence.End = FinishReason.Length;
        }

        return sequence.End is not null;
    }

    /// <summary>
    /// Takes what the constraint leaves no choice about without asking the model; the next step computes it all in one.
    /// Not where log probabilities are wanted, which only the model can tell.
    /// </summary>
    private void AppendForced(Sequence sequence)
    {
        if (sequence.Constraint is not { } constraint)
            return;

        for (var i = 0; i < MaxForcedTokens; i++)
        {
            var forced = constraint.ForcedTokens;
            if (!forced.IsEmpty && _tokenizer.IsEndOfGeneration(forced[0]))
            {
                // Nothing but the end can come: it is not worth a step, and is due whatever else was asked for.
                sequence.End = FinishReason.Stop;
                return;
            }

            if (forced.IsEmpty || sequence.Request.Output.WantsLogProbabilities)
                return;

            Counters.ForcedTokens++;
            if (AcceptToken(sequence, forced[0], []))
                return;
        }
    }

    private static void WriteToken(
        Sequence sequence,
        int token,
        TextPiece piece,
        ReadOnlySpan<float> logits,
        bool isPrompt = false)
    {
        var (logProbability, top) = Measure(sequence.Request.Output, token, logits);
        sequence.Feed.Write(new GenerationUpdate
        {
            Choice = sequence.Choice,
            Token = token,
            IsPrompt = isPrompt,
            Text = piece,
            LogProbability = logProbability,
            Top = top,
        });
    }

    private static (float LogProbability, (int Token, float LogProbability)[]? Top) Measure(
        OutputOptions output,
        int token,
        ReadOnlySpan<float> logits)
    {
        if (!output.WantsLogProbabilities || logits.IsEmpty)
            return (float.NaN, null);

        if (output.TopLogProbabilityCount == 0)
            return (LogProbabilities.Of(logits, token), null);

        var top = new (int, float)[Math.Min(output.TopLogProbabilityCount, logits.Length)];
        return (LogProbabilities.Top(logits, token, top), top);
    }

    /// <summary>Writes the log probabilities of prompt tokens: row i tells of the token at first + i + 1.</summary>
    private void ReportPrompt(Sequence sequence, int first, in PlannedSequence planned)
    {
        if (sequence.ReportedPromptCount == 0)
        {
            sequence.ReportedPromptCount = 1;
            WriteToken(sequence, sequence.Tokens[0], default, [], isPrompt: true);
        }

        for (var i = 0; i < planned.Count; i++)
        {
            var position = first + i + 1;
            if (position != sequence.ReportedPromptCount || position >= sequence.PromptLength)
                continue;

            sequence.ReportedPromptCount++;
            WriteToken(sequence, sequence.Tokens[position], default, _session.GetLogits(planned.LastRow - planned.Count + 1 + i), isPrompt: true);
        }
    }

    /// <summary>Ends a choice, and with the last one the request. The slot stays idle with its tokens.</summary>
    private void Finish(Sequence sequence, FinishReason reason)
    {
        var feed = sequence.Feed;
        KeepPrefix(sequence);
        sequence.Phase = SequencePhase.Finished;
        feed.RemainingChoices--;
        feed.Write(new GenerationUpdate
        {
            Choice = sequence.Choice,
            Token = -1,
            Text = sequence.IsTextComplete ? default : sequence.Text.Finish(),
            LogProbability = float.NaN,
            FinishReason = reason,
            Usage = feed.RemainingChoices == 0 ? UsageOf(feed) : null,
        });

        if (feed.RemainingChoices == 0)
            Close(feed, null);
    }

    /// <summary>Ends all that is left of a request with an error.</summary>
    private void Fail(GenerationFeed feed, Exception error)
    {
        foreach (var sequence in feed.Sequences)
        {
            if (sequence.Phase == SequencePhase.Finished)
                continue;

            if (sequence.HasSlot)
                KeepPrefix(sequence);

            _waiting.Remove(sequence);
            _parked.Remove(sequence);
            sequence.Phase = SequencePhase.Finished;
        }

        LeaveQueueCount(feed);
        Close(feed, error);
    }

    private void Close(GenerationFeed feed, Exception? error)
    {
        if (feed.IsComplete)
            return;

        _feeds.Remove(feed);
        Interlocked.Decrement(ref _pendingRequests);
        feed.Complete(error);
    }

    /// <summary>Makes the sequence's slot idle with the tokens that are in it.</summary>
    private void KeepPrefix(Sequence sequence)
    {
        var length = sequence.KvLength;
        var slot = Detach(sequence);
        var inCache = _session.GetLength(slot.Index);
        if (length == 0
            || !sequence.Request.Output.CachePrompt
            || !_cache.TryTruncate(slot, length, inCache))
        {
            _cache.Release(slot);
            return;
        }

        slot.IdleLength = length;
        _cache.Tree.Set(slot.Index, sequence.TokensUpTo(length));
    }

    private static TokenUsage UsageOf(GenerationFeed feed)
    {
        var completion = 0;
        foreach (var sequence in feed.Sequences)
            completion += sequence.OutputCount + (sequence.HasEndToken ? 1 : 0);

        return new TokenUsage(feed.Request.Prompt.Length, Math.Max(0, feed.Sequences[0].CachedTokenCount), completion);
    }

    private static bool Contains(IReadOnlyList<int> tokens, int token)
    {
        for (var i = 0; i < tokens.Count; i++)
            if (tokens[i] == token)
                return true;

        return false;
    }
}
