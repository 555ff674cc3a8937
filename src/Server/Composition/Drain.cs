using ModelRunner.Runtime;
using ModelRunner.Server.Options;
using ModelRunner.Server.Requests;

namespace ModelRunner.Server.Composition;

/// <summary>
/// The end of the server: no new connections, and the requests in flight may end for a time. Then those that are left
/// are ended with an error that their clients can read, before the connections are cut.
/// </summary>
internal sealed class Drain(
    ModelRuntime runtime,
    RequestBudget budget,
    ServerOptions options,
    TimeProvider time,
    ILogger<Drain> logger) : IHostedLifecycleService, IDisposable
{
    private ITimer? _timer;
    private volatile bool _isStopping;

    /// <summary>Between the errors and the cut: enough to write them.</summary>
    public static TimeSpan LastWords { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether the server was asked to stop.</summary>
    public bool IsStopping => _isStopping;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        if (budget.RequestCount > 0) Log.Draining(logger, budget.RequestCount, options.ShutdownTime);
        _timer = time.CreateTimer(_ => _ = EndAsync(), null, options.ShutdownTime, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _timer?.Dispose();

    private async Task EndAsync()
    {
        Log.DrainEnded(logger, budget.RequestCount);
        await runtime.DisposeAsync();
    }
}
