namespace ModelRunner.ModelStore.Transfer;

/// <summary>One try of a request, which ends when nothing comes for too long.</summary>
internal sealed class Attempt : IDisposable
{
    private readonly CancellationTokenSource _stall;
    private readonly CancellationTokenSource _linked;
    private readonly TimeSpan _stallTime;

    public Attempt(TimeSpan stallTime, TimeProvider time, CancellationToken cancellationToken)
    {
        _stallTime = stallTime;
        _stall = new CancellationTokenSource(stallTime, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_stall.Token, cancellationToken);
    }

    /// <summary>Ends the try.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>Whether anything came.</summary>
    public bool HasProgress { get; private set; }

    /// <summary>A wait begins.</summary>
    public void Wait() => _stall.CancelAfter(_stallTime);

    /// <summary>Something came.</summary>
    public void Progress() => HasProgress = true;

    public void Dispose()
    {
        _linked.Dispose();
        _stall.Dispose();
    }
}
