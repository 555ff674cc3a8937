namespace ModelRunner.Server.Requests;

/// <summary>One request's place in the <see cref="RequestBudget"/>. Belongs to the request; given back with it.</summary>
internal sealed class RequestPlace(RequestBudget budget) : IDisposable
{
    private long _byteCount;
    private bool _isLeft;

    /// <summary>Charges bytes of the body that arrived.</summary>
    /// <exception cref="Abstractions.Errors.ServerBusyException">Too many are in memory.</exception>
    public void AddBytes(int count)
    {
        budget.AddBytes(count);
        _byteCount += count;
    }

    public void Dispose()
    {
        if (_isLeft) return;
        _isLeft = true;
        budget.Leave(_byteCount);
    }
}
