using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ModelRunner.Generation.Requests;

namespace ModelRunner.Generation.Scheduling;

/// <summary>
/// A submitted request: the loop writes its updates, one reader takes them. Bounded: a reader that takes nothing
/// stalls its own request and no other.
/// </summary>
public sealed class GenerationFeed
{
    private readonly Channel<GenerationUpdate> _updates;
    private readonly Action _wake;
    private readonly Action<GenerationFeed> _cancelled;
    private readonly int _capacity;
    private long _written;
    private long _consumed;
    private volatile bool _isCancelled;
    private volatile bool _isStalled;
    private int _isInStep;

    internal GenerationFeed(GenerationRequest request, int capacity, Action wake, Action<GenerationFeed> cancelled)
    {
        Request = request;
        _capacity = capacity;
        _wake = wake;
        _cancelled = cancelled;
        _updates = Channel.CreateUnbounded<GenerationUpdate>(new() { SingleReader = true, SingleWriter = true });
    }

    /// <summary>What was asked for.</summary>
    public GenerationRequest Request { get; }

    internal long Arrival { get; set; }

    internal Sequence[] Sequences { get; set; } = [];

    internal int RemainingChoices { get; set; }

    /// <summary>Whether it still counts for the bounds of the queue.</summary>
    internal bool IsQueued { get; set; } = true;

    internal bool IsCancelled => _isCancelled;

    internal bool IsComplete { get; private set; }

    /// <summary>Why it ended early; null while it runs and after a good end.</summary>
    internal Exception? Error { get; private set; }

    /// <summary>Updates that can be written before the reader has to take some.</summary>
    internal int Room => _capacity - (int)(_written - Volatile.Read(ref _consumed));

    /// <summary>Room that this step's plan has not promised yet. Loop thread only.</summary>
    internal int UnplannedRoom { get; set; }

    /// <summary>Tells the reader that the loop waits for it. Set before the room is read again, so that no wake is lost.</summary>
    internal bool IsStalled
    {
        get => _isStalled;
        set => _isStalled = value;
    }

    /// <summary>
    /// Joins the step that is about to be decoded. False when it is in already, by another choice, and when it was
    /// cancelled. True obliges to <see cref="TryLeaveStep"/>, which <see cref="Cancel"/> may come first to.
    /// </summary>
    internal bool TryJoinStep()
    {
        if (Interlocked.Exchange(ref _isInStep, 1) == 1)
            return false;

        // Joined before the look at the flag: one that cancels now either is seen here or sees the join.
        return !_isCancelled || !TryLeaveStep();
    }

    /// <summary>Leaves the step; false when it is not in it any more.</summary>
    internal bool TryLeaveStep() => Interlocked.Exchange(ref _isInStep, 0) == 1;

    internal void Write(in GenerationUpdate update)
    {
        _written++;
        _updates.Writer.TryWrite(update);
    }

    internal void Complete(Exception? error)
    {
        IsComplete = true;
        Error = error;
        _updates.Writer.TryComplete(error);
    }

    /// <summary>Takes the next update if one is there. The caller returns its text.</summary>
    public bool TryRead(out GenerationUpdate update)
    {
        if (!_updates.Reader.TryRead(out update))
            return false;

        Interlocked.Increment(ref _consumed);
        if (_isStalled)
            _wake();

        return true;
    }

    /// <summary>Ends the request by the next step, and the present one if it is for nobody else: its slot and KV go to others.</summary>
    public void Cancel()
    {
        if (_isCancelled)
            return;

        _isCancelled = true;
        _cancelled(this);
    }

    /// <summary>
    /// All updates until the request ends. The text of an update is returned when the next one is asked for. Leaving
    /// early cancels the request.
    /// </summary>
    public async IAsyncEnumerable<GenerationUpdate> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // The token cancels by the loop, which ends the channel: waiting on the channel itself stays allocation-free.
        await using var registration = cancellationToken.UnsafeRegister(static state => ((GenerationFeed)state!).Cancel(), this);
        try
        {
            while (await _updates.Reader.WaitToReadAsync(CancellationToken.None))
            {
                while (TryRead(out var update))
                {
                    yield return update;
                    update.Text.Return();
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            Cancel();
        }
    }
}
