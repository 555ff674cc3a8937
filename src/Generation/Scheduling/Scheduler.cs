using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Sampling;

namespace ModelRunner.Generation.Scheduling;

/// <summary>
/// Continuous batching over one decode session: sequences join and leave at any step. All state belongs to the
/// thread that calls <see cref="Step"/>; requests come in and updates go out by channels.
/// </summary>
/// <remarks>
/// One step:
/// <list type="number">
/// <item>Take what came in; end what was cancelled or has too slow a reader; queue again what was parked.</item>
/// <item>Admit waiting sequences, oldest first, each with the longest resident prefix of its tokens.</item>
/// <item>Plan: generated tokens first, then prompt chunks; make room in the KV cache by eviction or preemption.</item>
/// <item>Decode, in turn with the other models of the machine; the turn lasts to the end of the step.</item>
/// <item>Settle: read lengths back after a failure, try again or fail what failed.</item>
/// <item>Sample, verify drafts, match stops, write updates; end what is complete and keep its prefix.</item>
/// </list>
/// </remarks>
public sealed partial class Scheduler : IDisposable
{
    private readonly Func<IDecodeSession> _createSession;
    private readonly ITokenizer _tokenizer;
    private readonly SchedulerOptions _options;
    private readonly TimeProvider _time;
    private readonly GateUser _gate;
    private readonly ITokenDrafter? _drafter;
    private readonly SamplerWorkspace _workspace;
    private readonly int[] _endTokens;
    private readonly ulong[] _mask;

    private readonly Lock _sessionLock = new();
    private readonly Channel<(GenerationFeed Feed, ITokenConstraint?[] Constraints)> _submitted;
    private readonly List<Sequence> _waiting = [];
    private readonly List<Sequence> _active = [];
    private readonly List<Sequence> _parked = [];
    private readonly List<GenerationFeed> _feeds = [];

    private IDecodeSession _session;
    private SessionLimits _limits;
    private KvCache _cache;
    private DecodeBatch _batch;
    private PrefillBudget _budget;
    private long _arrivals;
    private long _step;
    private bool _hasCancellations;
    private int _stepRequestCount;
    private bool _isSessionClosed;
    private int _pendingRequests;
    private int _queuedRequests;
    private long _queuedTokens;

    /// <summary>Makes a scheduler with its first session.</summary>
    /// <param name="createSession">Makes a session, again after one has faulted. Sessions are the scheduler's.</param>
    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="options">Settings.</param>
    /// <param name="gate">The loop's place at the compute gate.</param>
    /// <param name="time">Clock of slow readers and step times.</param>
    /// <param name="drafter">Guesses tokens when the settings allow drafts; null for none.</param>
    public Scheduler(
        Func<IDecodeSession> createSession,
        ITokenizer tokenizer,
        SchedulerOptions options,
        GateUser gate,
        TimeProvider time,
        ITokenDrafter? drafter = null)
    {
        _createSession = createSession;
        _tokenizer = tokenizer;
        _options = options;
        _gate = gate;
        _time = time;
        _drafter = options.MaxDraftTokens > 0 ? drafter : null;
        _workspace = new SamplerWorkspace(tokenizer.VocabularySize);
        _endTokens = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsEndOfGeneration)];
        _mask = new ulong[(tokenizer.VocabularySize + 63) / 64];
        _submitted = Channel.CreateUnbounded<(GenerationFeed, ITokenConstraint?[])>(new() { SingleReader = true });
        OpenSession();
    }

    /// <summary>Called, from any thread, when an idle scheduler has something to do.</summary>
    public Action Wake { get; set; } = static () => { };

    /// <summary>What the present session can do.</summary>
    public SessionLimits Limits => _limits;

    /// <summary>Tokens that one sequence may have, prompt and output.</summary>
    public int MaxSequenceLength => _limits.KvLayout.IsPooled
        ? Math.Min(_limits.MaxSequenceLength, _limits.KvLayout.Capacity)
        : _limits.MaxSequenceLength;

    /// <summary>Hands in a request. Any thread.</summary>
    /// <param name="request">What to generate; its prompt is not copied.</param>
    /// <param name="constraints">One fresh state for each choice, or empty.</param>
    /// <exception cref="InvalidRequestException">
    /// The prompt is empty or too long, for the context or with all choices for the queue, or has ids out of range.
    /// </exception>
    /// <exception cref="ServerBusyException">The queue is full.</exception>
    /// <exception cref="GenerationException">The model is unloaded.</exception>
    public GenerationFeed Submit(GenerationRequest request, ITokenConstraint?[]? constraints = null)
    {
        RequestChecks.Check(request, MaxSequenceLength, _tokenizer.VocabularySize, _options.MaxQueuedTokens);
        var tokens = (long)request.Prompt.Length * request.ChoiceCount;
        if (Interlocked.Increment(ref _queuedRequests) > _options.MaxQueuedRequests)
        {
            Interlocked.Decrement(ref _queuedRequests);
            throw new ServerBusyException($"{_options.MaxQueuedRequests} requests are waiting.", TimeSpan.FromSeconds(1));
        }

        if (Interlocked.Add(ref _queuedTokens, tokens) > _options.MaxQueuedTokens)
        {
            Interlocked.Add(ref _queuedTokens, -tokens);
            Interlocked.Decrement(ref _queuedRequests);
            throw new ServerBusyException("Too many prompt tokens are waiting.", TimeSpan.FromSeconds(1));
        }

        // Every choice has room for its largest step, or none could ever run.
        var largestStep = 2 + MaxForcedTokens + MaxReportedChunk + _options.MaxDraftTokens;
        var capacity = Math.Max(_options.UpdateCapacity, largestStep * request.ChoiceCount);
        var feed = new GenerationFeed(request, capacity, OnFeedSignal, OnCancelled) { Arrival = Interlocked.Increment(ref _arrivals) };
        Interlocked.Increment(ref _pendingRequests);
        if (!_submitted.Writer.TryWrite((feed, constraints ?? [])))
        {
            Interlocked.Decrement(ref _pendingRequests);
            throw Unloaded();
        }

        Wake();
        return feed;
    }

    /// <summary>Makes the step in flight end soon. Any thread.</summary>
    public void Abort()
    {
        lock (_sessionLock)
        {
            if (!_isSessionClosed)
                _session.Abort();
        }
    }

    /// <summary>Whether the step in flight makes no progress, as far as the engine can tell. Any thread.</summary>
    public bool IsStalled => Volatile.Read(ref _session).IsStalled;

    /// <summary>Does one step. See the remarks of the class.</summary>
    public StepOutcome Step()
    {
        _step++;

        // Step 1
        var worked = TakeSubmitted() | EndCancelled() | EndSlowReaders() | QueueParked();

        // Step 2
        worked |= Admit();

        // Step 3
        if (!Plan())
        {
            _gate.Leave();
            return worked ? StepOutcome.Worked : StepOutcome.Idle;
        }

        if (!_gate.Enter())
            return StepOutcome.Idle;

        try
        {
            // Step 4
            if (!JoinStep())
                return StepOutcome.Worked;

            var start = _time.GetTimestamp();
            var status = _session.Decode(_batch);
            LeaveStep();
            Counters.Decodes++;

            // Steps 5 and 6, within the turn: sampling beside another model's spinning threads would hold up both.
            return Settle(status, _time.GetElapsedTime(start)) ? StepOutcome.Worked : StepOutcome.Dead;
        }
        finally
        {
            _gate.Yield();
        }
    }

    /// <summary>
    /// When the next deadline of a slow reader falls, from now; null when there is none. For the wait of an idle loop.
    /// </summary>
    public TimeSpan? NextDeadline()
    {
        TimeSpan? next = null;
        foreach (var feed in _feeds)
        {
            if (StalledSince(feed) is not { } since)
                continue;

            var left = _options.SlowReaderLimit - _time.GetElapsedTime(since);
            if (next is null || left < next)
                next = left;
        }

        return next < TimeSpan.Zero ? TimeSpan.Zero : next;
    }

    /// <summary>Ends every request with an error and frees the session. Only when no step runs.</summary>
    public void Dispose()
    {
        _gate.Leave();
        _submitted.Writer.TryComplete();
        TakeSubmitted();
        foreach (var feed in _feeds.ToArray())
            Fail(feed, Unloaded());

        CloseSession();
    }

    private static GenerationException Unloaded() =>
        new(GenerationException.ModelUnloaded, "The model was unloaded while it answered.");

    [MemberNotNull(nameof(_session), nameof(_limits), nameof(_cache), nameof(_batch), nameof(_budget), nameof(_plan), nameof(_counts))]
    private void OpenSession()
    {
        var session = _createSession();
        lock (_sessionLock)
        {
            _session = session;
            _isSessionClosed = false;
        }

        _limits = _session.Limits;
        _cache = new KvCache(_session);

        // Below the shortest piece that a prompt can be cut into, no prompt would ever be computed.
        var maxTokens = _options.MaxStepTokens == 0
            ? _limits.MaxBatchTokens
            : Math.Min(Math.Max(_options.MaxStepTokens, (2 * _limits.MinContinuation) - 1), _limits.MaxBatchTokens);
        _batch = new DecodeBatch(maxTokens, _cache.Slots.Length);
        _budget = new PrefillBudget(
            Math.Min(_limits.PreferredChunk, maxTokens), _limits.TokenGroup, _cache.Slots.Length, _options.MaxStepStretch);
        _plan = new PlanInput[_cache.Slots.Length];
        _counts = new int[_cache.Slots.Length];
        _planned.Clear();
        _batchTokens = maxTokens;
    }

    private void CloseSession()
    {
        // An abort from another thread must not meet a session that is being freed.
        lock (_sessionLock)
        {
            _isSessionClosed = true;
            _session.Dispose();
        }
    }

    /// <summary>Counts the requests that the step is for; false when all of them were cancelled while it was planned.</summary>
    private bool JoinStep()
    {
        // One for this method, so that those who cancel meanwhile do not bring the count to nothing.
        Volatile.Write(ref _stepRequestCount, 1);
        foreach (var planned in _planned)
        {
            Interlocked.Increment(ref _stepRequestCount);
            if (!planned.Sequence.Feed.TryJoinStep())
                Interlocked.Decrement(ref _stepRequestCount);
        }

        return Interlocked.Decrement(ref _stepRequestCount) > 0;
    }

    private void LeaveStep()
    {
        foreach (var planned in _planned)
            planned.Sequence.Feed.TryLeaveStep();
    }

    /// <summary>A step that is for nobody any more ends at once: a chunk of a prompt can take seconds.</summary>
    private void OnCancelled(GenerationFeed feed)
    {
        OnFeedSignal();
        if (feed.TryLeaveStep() && Interlocked.Decrement(ref _stepRequestCount) == 0)
            Abort();
    }

    private void OnFeedSignal()
    {
        Volatile.Write(ref _hasCancellations, true);
        Wake();
    }
}
