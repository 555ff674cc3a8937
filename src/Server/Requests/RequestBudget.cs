using ModelRunner.Abstractions.Errors;
using ModelRunner.Server.Options;

namespace ModelRunner.Server.Requests;

/// <summary>
/// The bounds of what all requests together may hold: their number, and the bytes of their bodies. The queue of a model
/// bounds their tokens. Thread-safe.
/// </summary>
internal sealed class RequestBudget(ServerOptions options)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private int _requestCount;
    private long _byteCount;

    /// <summary>Requests that hold a place.</summary>
    public int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>Bytes of their bodies.</summary>
    public long ByteCount => Volatile.Read(ref _byteCount);

    /// <summary>Takes a place, until it is disposed; null where there is none.</summary>
    public RequestPlace? TryEnter()
    {
        if (Interlocked.Increment(ref _requestCount) <= options.MaxRequests) return new RequestPlace(this);
        Interlocked.Decrement(ref _requestCount);
        return null;
    }

    /// <inheritdoc cref="TryEnter"/>
    /// <exception cref="ServerBusyException">There is none.</exception>
    public RequestPlace Enter() => TryEnter() ?? throw Full();

    /// <summary>The error of a request that got no place.</summary>
    public ServerBusyException Full() => new($"The server works at {options.MaxRequests} requests already.", RetryAfter);

    internal void AddBytes(int count)
    {
        if (Interlocked.Add(ref _byteCount, count) <= options.MaxRequestBytes) return;
        Interlocked.Add(ref _byteCount, -count);
        throw new ServerBusyException($"Requests of {options.MaxRequestBytes} bytes are in memory already.", RetryAfter);
    }

    internal void Leave(long byteCount)
    {
        Interlocked.Add(ref _byteCount, -byteCount);
        Interlocked.Decrement(ref _requestCount);
    }
}
