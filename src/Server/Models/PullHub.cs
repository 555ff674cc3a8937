using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.Server.Models;

/// <summary>
/// The pulls that run: a second request for a model joins the first, and a pull goes on as long as anyone waits for it.
/// Thread-safe.
/// </summary>
internal sealed class PullHub(ModelTransfers transfers) : IDisposable
{
    // As many as Docker Model Runner lets run at once.
    private const int MaxPulls = 2;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(MaxPulls);

    /// <summary>Pulls a model, or joins who pulls it.</summary>
    public async Task<(StoredModel Model, bool HasDownloaded)> PullAsync(
        string name, string? token, IProgress<TransferProgress> progress, CancellationToken cancellationToken)
    {
        // Who brings a token of his own has rights of his own, and waits for his own pull.
        var key = $"{ModelName.GetKey(name)}\n{token}";
        Running pull;
        lock (_lock)
        {
            if (!_running.TryGetValue(key, out pull!))
            {
                _running[key] = pull = new Running();
                pull.Task = Task.Run(() => RunAsync(key, name, token, pull), CancellationToken.None);
            }

            pull.Join(progress);
        }

        try
        {
            return await pull.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
                if (pull.Leave(progress) && _running.GetValueOrDefault(key) == pull)
                    _running.Remove(key);
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<(StoredModel Model, bool HasDownloaded)> RunAsync(string key, string name, string? token, Running pull)
    {
        try
        {
            await _places.WaitAsync(pull.Stop);
            try
            {
                return await transfers.PullAsync(name, token, pull, pull.Stop);
            }
            finally
            {
                _places.Release();
            }
        }
        finally
        {
            lock (_lock)
                if (_running.GetValueOrDefault(key) == pull)
                    _running.Remove(key);
        }
    }

    /// <summary>A pull and those who wait for it; changed under the lock.</summary>
    private sealed class Running : IProgress<TransferProgress>, IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private volatile IProgress<TransferProgress>[] _listeners = [];

        public Running() => Stop = _stop.Token;

        public Task<(StoredModel Model, bool HasDownloaded)> Task { get; set; } = null!;

        public CancellationToken Stop { get; }

        public void Join(IProgress<TransferProgress> listener) => _listeners = [.. _listeners, listener];

        /// <summary>Whether that was the last, so that the pull was ended.</summary>
        public bool Leave(IProgress<TransferProgress> listener)
        {
            _listeners = [.. _listeners.Where(other => other != listener)];
            if (_listeners.Length > 0) return false;
            _stop.Cancel();
            Dispose();
            return true;
        }

        public void Dispose() => _stop.Dispose();

        public void Report(TransferProgress value)
        {
            foreach (var listener in _listeners) listener.Report(value);
        }
    }
}
