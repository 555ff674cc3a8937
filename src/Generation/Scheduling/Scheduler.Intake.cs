using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Generation.Scheduling;

// Step 1: what comes in, and what leaves or comes back before its end.
public sealed partial class Scheduler
{
    private bool TakeSubmitted()
    {
        var worked = false;
        while (_submitted.Reader.TryRead(out var submission))
        {
            var (feed, constraints) = submission;
            var request = feed.Request;
            var room = MaxSequenceLength - request.Prompt.Length;
            var maxTokenCount = request.Prompt.Length + Math.Min(request.Output.MaxTokens ?? room, room);
            feed.Sequences = new Sequence[request.ChoiceCount];
            feed.RemainingChoices = request.ChoiceCount;
            for (var choice = 0; choice < request.ChoiceCount; choice++)
            {
                var constraint = choice < constraints.Length ? constraints[choice] : null;
                var sequence = new Sequence(feed, choice, constraint, maxTokenCount);
                feed.Sequences[choice] = sequence;
                InsertByArrival(_waiting, sequence);
            }

            _feeds.Add(feed);
            worked = true;
        }

        return worked;
    }

    private bool EndCancelled()
    {
        // Cleared before the sweep, with a full fence: a signal that comes during it is seen by the next step, and one
        // that came before by the sweep itself.
        if (!Interlocked.Exchange(ref _hasCancellations, false))
            return false;

        var worked = false;
        for (var i = _feeds.Count - 1; i >= 0; i--)
        {
            if (!_feeds[i].IsCancelled)
                continue;

            Fail(_feeds[i], new OperationCanceledException("The client cancelled the request."));
            worked = true;
        }

        return worked;
    }

    private bool EndSlowReaders()
    {
        var worked = false;
        for (var i = _feeds.Count - 1; i >= 0; i--)
        {
            var feed = _feeds[i];
            if (StalledSince(feed) is not { } since || _time.GetElapsedTime(since) < _options.SlowReaderLimit)
                continue;

            // One that read again just before its limit is seen by the planner only after this.
            if (HasRoom(feed, RoomForAll(feed)))
            {
                foreach (var sequence in feed.Sequences)
                    sequence.StalledSince = null;

                continue;
            }

            Fail(feed, new GenerationException(
                GenerationException.SlowReader,
                $"The client read nothing for {_options.SlowReaderLimit.TotalSeconds:0} seconds."));
            worked = true;
        }

        return worked;
    }

    private static long? StalledSince(GenerationFeed feed)
    {
        foreach (var sequence in feed.Sequences)
            if (sequence is { StalledSince: not null, Phase: not SequencePhase.Finished })
                return sequence.StalledSince;

        return null;
    }

    private bool QueueParked()
    {
        var worked = false;
        for (var i = _parked.Count - 1; i >= 0; i--)
        {
            var sequence = _parked[i];
            if (!HasRoom(sequence.Feed, RoomForAll(sequence.Feed)))
                continue;

            _parked.RemoveAt(i);
            sequence.StalledSince = null;
            sequence.Phase = SequencePhase.Waiting;
            InsertByArrival(_waiting, sequence);
            worked = true;
        }

        return worked;
    }

    private void LeaveQueueCount(GenerationFeed feed)
    {
        if (!feed.IsQueued)
            return;

        feed.IsQueued = false;
        Interlocked.Decrement(ref _queuedRequests);
        Interlocked.Add(ref _queuedTokens, -(long)feed.Request.Prompt.Length * feed.Request.ChoiceCount);
    }

    private static void InsertByArrival(List<Sequence> list, Sequence sequence)
    {
        var index = list.Count;
        while (index > 0 && IsEarlier(sequence, list[index - 1]))
            index--;

        list.Insert(index, sequence);
    }

    private static bool IsEarlier(Sequence left, Sequence right) =>
        left.Feed.Arrival != right.Feed.Arrival
            ? left.Feed.Arrival < right.Feed.Arrival
            : left.Choice < right.Choice;
}
