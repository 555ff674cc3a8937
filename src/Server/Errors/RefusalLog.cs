namespace ModelRunner.Server.Errors;

/// <summary>
/// Tells of refused requests in one line for all of a second: under load there are thousands, and a line each would cost
/// more than refusing them. Thread-safe.
/// </summary>
internal sealed class RefusalLog : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ILogger<RefusalLog> _logger;
    private readonly ITimer _timer;
    private int _count;

    public RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
    {
        _logger = logger;
        _timer = time.CreateTimer(static state => ((RefusalLog)state!).Tell(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A request was refused. The first one begins a second.</summary>
    public void Add()
    {
        if (Interlocked.Increment(ref _count) == 1) _timer.Change(Period, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Tell() => Log.Refused(_logger, Interlocked.Exchange(ref _count, 0));
}
