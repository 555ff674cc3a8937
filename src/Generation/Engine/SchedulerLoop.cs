using Microsoft.Extensions.Logging;
using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Generation.Engine;

/// <summary>The thread that steps a scheduler, and waits when there is nothing to do.</summary>
internal sealed class SchedulerLoop : IAsyncDisposable
{
    // Far above any step of a model that fits a machine: only a loop that hangs takes this long.
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(60);

    private readonly Scheduler _scheduler;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AutoResetEvent _signal = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopping;
    private volatile bool _isIdle = true;
    private long _lastStep;

    public SchedulerLoop(Scheduler scheduler, string name, TimeProvider time, ILogger logger)
    {
        _scheduler = scheduler;
        _name = name;
        _time = time;
        _logger = logger;
        _lastStep = time.GetTimestamp();
        scheduler.Wake = () => _signal.Set();
        new Thread(Run) { IsBackground = true, Name = $"loop {name}" }.Start();
    }

    /// <summary>False when the thread has ended, or is in one step for longer than any step takes.</summary>
    public bool IsHealthy =>
        !_ended.Task.IsCompleted && (_isIdle || _time.GetElapsedTime(Volatile.Read(ref _lastStep)) < StallLimit);

    /// <summary>Whether it is unhealthy, or the engine says that its step makes no progress.</summary>
    public bool IsStalled => !IsHealthy || _scheduler.IsStalled;

    public async ValueTask DisposeAsync()
    {
        if (!_isStopping)
        {
            _isStopping = true;
            if (!_ended.Task.IsCompleted)
                _scheduler.Abort();

            _signal.Set();
        }

        await _ended.Task;
    }

    private void Run()
    {
        try
        {
            while (!_isStopping)
            {
                // Also before the first step: work may have come before this thread was there to wait for it.
                Volatile.Write(ref _lastStep, _time.GetTimestamp());
                _isIdle = false;
                var outcome = _scheduler.Step();
                if (outcome == StepOutcome.Dead)
                {
                    Log.SessionLost(_logger, _name);
                    break;
                }

                if (outcome == StepOutcome.Idle)
                    Wait();
            }
        }
#pragma warning disable CA1031 // Whatever ends the loop must end the requests too, with an error they can read.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.LoopDied(_logger, exception, _name);
        }
        finally
        {
            _scheduler.Dispose();
            _ended.SetResult();
        }
    }

    private void Wait()
    {
        _isIdle = true;
        if (_scheduler.NextDeadline() is { } deadline)
            _signal.WaitOne(deadline);
        else
            _signal.WaitOne();
    }
}
