using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>
/// One life of a scheduler, all of it drawn from a seed: sizes, arrivals, cancels, slow readers, failures. Every step is
/// followed by the invariants; every answer is compared with that of the same request alone.
/// </summary>
internal sealed class Simulation : IDisposable
{
    private const int Vocabulary = 24;
    private const int Steps = 200;
    private const int MaxDrainSteps = 20_000;

    private readonly Random _random;
    private readonly ManualTime _time = new();
    private readonly FakeTokenizer _tokenizer = new(Vocabulary);
    private readonly SessionLimits _limits;
    private readonly Scheduler _scheduler;
    private readonly List<SimulatedClient> _clients = [];
    private readonly int[][] _sharedPrefixes;
    private readonly double _failureRate;
    private readonly Coverage _coverage;
    private bool _isDraining;

    public Simulation(int seed, Coverage coverage)
    {
        _random = new Random(seed);
        _coverage = coverage;
        _limits = DrawLimits();
        _failureRate = _random.Next(3) == 0 ? 0.05 : 0;
        _sharedPrefixes = [.. Enumerable.Range(0, 3).Select(_ => DrawTokens(_random.Next(8, 24)))];
        var options = new SchedulerOptions
        {
            MaxQueuedRequests = 12,
            UpdateCapacity = 8,
            MinReuseLength = _random.Next(1, 9),
            MaxStepTokens = _random.Next(2) == 0 ? 0 : _random.Next(4, _limits.MaxBatchTokens + 1),
            MaxRetries = 2,
            MaxDraftTokens = _random.Next(2) == 0 ? 0 : _random.Next(1, 5),
        };
        _scheduler = new Scheduler(
            () => new ScriptedDecodeSession(_limits, Vocabulary, Script),
            _tokenizer,
            options,
            new ComputeGate(_time).CreateUser("simulation"),
            _time,
            new HalfRightDrafter(_random, Vocabulary));
    }

    public void Run()
    {
        for (var step = 0; step < Steps; step++)
        {
            if (_random.Next(6) == 0)
                Arrive();

            if (_clients.Count > 0 && _random.Next(25) == 0)
                Cancel(_clients[_random.Next(_clients.Count)]);

            if (_random.Next(60) == 0)
                _time.Advance(TimeSpan.FromSeconds(_random.Next(50)));

            Step();
            Read();
        }

        Drain();
    }

    private void Drain()
    {
        _isDraining = true;
        for (var step = 0; _scheduler.PendingRequestCount > 0; step++)
        {
            Assert.True(step < MaxDrainSteps, "no end in sight");
            var outcome = Step();
            Read();
            if (outcome == StepOutcome.Idle)
                _time.Advance(_scheduler.NextDeadline() ?? TimeSpan.FromSeconds(1));
        }

        foreach (var client in _clients)
            Judge(client);

        _clients.Clear();
        var snapshot = _scheduler.TakeSnapshot();
        Assert.Empty(snapshot.Active);
        Assert.Equal(0, snapshot.QueuedRequestCount);
        _coverage.Add(_scheduler.Counters);
    }

    public void Dispose() => _scheduler.Dispose();

    private StepOutcome Step()
    {
        var outcome = _scheduler.Step();
        _time.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 20)));
        var violations = SchedulerInvariants.Check(_scheduler.TakeSnapshot());
        Assert.True(violations.Count == 0, string.Join("; ", violations));
        Assert.True(_clients.TrueForAll(static client => client.Feed.Room >= 0), "more was written than the reader has room for");
        if (outcome == StepOutcome.Idle && _isDraining && _scheduler.PendingRequestCount > 0)
            Assert.True(_scheduler.NextDeadline() is not null, "idle with work and nobody to wait for");

        return outcome;
    }

    private void Read()
    {
        foreach (var client in _clients)
            client.Read(_random, _isDraining);
    }

    private void Cancel(SimulatedClient client)
    {
        if (client.Feed.IsComplete)
            return;

        foreach (var sequence in client.Feed.Sequences)
            _coverage.CancelledIn(sequence.Phase);

        client.Cancel();
    }

    private void Arrive()
    {
        var request = DrawRequest();
        var constraint = request.Constraint is null ? null : new RuleConstraint(Vocabulary);
        var constraints = constraint is null
            ? null
            : Enumerable.Range(0, request.ChoiceCount).Select(ITokenConstraint? (_) => constraint.Clone()).ToArray();
        try
        {
            var pace = _random.Next(8) switch { 0 => 0, 1 => 0.3, 2 => 0.6, _ => 0.98 };
            _clients.Add(new SimulatedClient(_scheduler.Submit(request, constraints), constraint, pace));
        }
        catch (ServerBusyException)
        {
            _coverage.Refused++;
        }
    }

    private void Judge(SimulatedClient client)
    {
        Assert.True(client.Feed.IsComplete, "a request without an end");
        client.ReadRest();
        var error = client.Feed.Error;
        if (error is not null)
        {
            JudgeError(client, error);
            return;
        }

        var produced = 0;
        for (var choice = 0; choice < client.Request.ChoiceCount; choice++)
        {
            var expected = Reference.Generate(
                client.Request, choice, client.Constraint?.Clone(), _scheduler.MaxSequenceLength, _tokenizer);
            var actual = client[choice];
            Assert.True(expected.ToString() == actual.ToString(), $"expected {expected}\nactual   {actual}\nchoice {choice} of {client.Request}\n{client.Request.Output}\n{_limits}");
            _coverage.Finished(actual.Reason);
            produced += actual.Tokens.Count;
        }

        var usage = client.Usage ?? throw new InvalidOperationException("an end without usage");
        Assert.Equal(client.Request.Prompt.Length, usage.PromptTokenCount);
        Assert.InRange(usage.CompletionTokenCount, produced, produced + client.Request.ChoiceCount);
        Assert.InRange(usage.CachedTokenCount, 0, client.Request.Prompt.Length - 1);
        if (client.Request.WantsPromptLogProbabilities)
            Assert.Equal(client.Request.Prompt.Length, client.PromptUpdates);
    }

    private void JudgeError(SimulatedClient client, Exception error)
    {
        switch (error)
        {
            case OperationCanceledException:
                Assert.True(client.IsCancelled);
                break;
            case GenerationException { Code: GenerationException.SlowReader }:
                Assert.True(client.RoomAtEnd < LargestWrite(client.Request), "ended for a slow reader that had made room");
                _coverage.SlowReaders++;
                break;
            case GenerationException { Code: GenerationException.DecodeFailed }:
                Assert.True(_failureRate > 0, "a failure without a cause");
                _coverage.DecodeFailures++;
                break;
            default:
                Assert.Fail(error.ToString());
                break;
        }
    }

    /// <summary>Updates of one step that a request must have room for: without it, it stalls.</summary>
    private static int LargestWrite(GenerationRequest request) => request.ChoiceCount
        * (2 + (request.Constraint is null ? 0 : 16) + 4 + (request.WantsPromptLogProbabilities ? 32 : 0));

    /// <summary>
    /// No piece of a longer prompt, nor what is left of it, may be shorter than the engine can continue with. A
    /// generated token is decoded alone in any case.
    /// </summary>
    private void CheckPieces(DecodeBatch batch)
    {
        if (_limits.MinContinuation == 1)
            return;

        var active = _scheduler.TakeSnapshot().Active;
        foreach (var entry in batch.Entries)
        {
            var sequence = active.Single(sequence => sequence.Slot == entry.Sequence);
            var left = sequence.TokenCount - sequence.KvLength - entry.Count;
            if (sequence.OutputCount == 0 && sequence.TokenCount >= _limits.MinContinuation)
                Assert.True(
                    entry.Count >= _limits.MinContinuation && (left == 0 || left >= _limits.MinContinuation),
                    $"a piece of {entry.Count} leaves {left} of a prompt");
        }
    }

    private DecodeStatus Script(DecodeBatch batch)
    {
        CheckPieces(batch);
        LeaveMeanwhile();
        var status = _random.NextDouble() < _failureRate
            ? (DecodeStatus)_random.Next(1, 5)
            : DecodeStatus.Ok;

        // A fault loses everything: rarer, so that requests outlive it.
        if (status == DecodeStatus.Faulted && _random.Next(3) > 0)
            status = DecodeStatus.Aborted;

        _coverage.Decoded(status);
        return status;
    }

    /// <summary>Clients go away while a step runs, too: one of them, or all.</summary>
    private void LeaveMeanwhile()
    {
        if (_isDraining || _random.Next(60) > 0)
            return;

        if (_random.Next(2) == 0)
        {
            _clients.ForEach(Cancel);
            _coverage.AbandonedSteps++;
        }
        else
        {
            Cancel(_clients[_random.Next(_clients.Count)]);
        }
    }

    private SessionLimits DrawLimits()
    {
        var length = _random.Next(32, 96);
        var isPooled = _random.Next(2) == 0;
        return new SessionLimits
        {
            MaxSequences = _random.Next(1, 7),
            MaxBatchTokens = _random.Next(8, 64),
            MaxSequenceLength = length,
            KvLayout = isPooled ? KvLayout.Pooled(_random.Next(length, 3 * length)) : KvLayout.PerSequence(length),
            PrefixCopy = (PrefixCopy)_random.Next(isPooled ? 3 : 2) is var copy && !isPooled && copy == PrefixCopy.Shared
                ? PrefixCopy.Copied
                : copy,
            CanTruncate = _random.Next(4) > 0,
            PreferredChunk = _random.Next(4, 32),
            MinContinuation = _random.Next(1, 3),
        };
    }

    private GenerationRequest DrawRequest()
    {
        int[] prompt = _random.Next(3) == 0
            ? DrawTokens(_random.Next(1, 28))
            : [.. _sharedPrefixes[_random.Next(3)], .. DrawTokens(_random.Next(1, 5))];
        if (prompt.Length >= _scheduler.MaxSequenceLength)
            prompt = prompt[..(_scheduler.MaxSequenceLength - 1)];

        return new GenerationRequest
        {
            Prompt = prompt,
            ChoiceCount = _random.Next(5) == 0 ? _random.Next(2, 4) : 1,
            Seed = (ulong)_random.NextInt64(),
            Constraint = _random.Next(5) == 0 ? new ConstraintSpecification(ConstraintKind.JsonObject, default) : null,
            WantsPromptLogProbabilities = _random.Next(10) == 0,
            Sampling = _random.Next(2) == 0 ? SamplingOptions.Greedy : new SamplingOptions
            {
                Temperature = 0.8f,
                TopK = _random.Next(2) * 8,
                RepetitionPenalty = _random.Next(2) == 0 ? 1 : 1.3f,
                FrequencyPenalty = _random.Next(2) == 0 ? 0 : 0.5f,
            },
            Output = new OutputOptions
            {
                MaxTokens = _random.Next(4) == 0 ? null : _random.Next(1, 40),
                MinTokens = _random.Next(4) == 0 ? _random.Next(1, 6) : 0,
                Stops = _random.Next(3) == 0 ? ["ab", "dé", "c"] : [],
                StopTokens = _random.Next(5) == 0 ? [7] : [],
                IgnoreEndOfGeneration = _random.Next(4) == 0,
                CachePrompt = _random.Next(6) > 0,
                TopLogProbabilityCount = _random.Next(6) == 0 ? 2 : -1,
            },
        };
    }

    private int[] DrawTokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(1, Vocabulary))];
}
