using Microsoft.Extensions.Logging;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Runtime;

/// <summary>
/// The models in memory: loads them when they are first asked for, counts their users, and unloads them when they are
/// idle for long or others need the memory. Thread-safe.
/// </summary>
public sealed partial class ModelRuntime : IAsyncDisposable
{
    // A client that asks for a name that is not there is helped by some that are.
    private const int MaxSuggestions = 10;

    // The only lock here. Held for look-ups and counting, never across a load, a disposal or I/O.
    private readonly Lock _lock = new();
    private readonly Dictionary<ResidentKey, ResidentModel> _residents = [];

    // Models that no request gets any more and whose memory is not yet free.
    private readonly List<ResidentModel> _leaving = [];
    private readonly CancellationTokenSource _shutdown = new();
    private readonly RuntimeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ModelRuntime> _logger;
    private readonly ITimer _idleTimer;
    private bool _isDisposed;

    /// <summary>Makes a runtime without models.</summary>
    public ModelRuntime(
        EngineRegistry engines,
        IModelCatalog catalog,
        RuntimeOptions options,
        TimeProvider time,
        ILogger<ModelRuntime> logger)
    {
        Engines = engines;
        Catalog = catalog;
        _options = options;
        _time = time;
        _logger = logger;
        _idleTimer = time.CreateTimer(
            static state => ((ModelRuntime)state!).UnloadIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The engines.</summary>
    public EngineRegistry Engines { get; }

    /// <summary>The models that can be asked for.</summary>
    public IModelCatalog Catalog { get; }

    /// <summary>Gives a loaded model, loading it when it is not.</summary>
    /// <remarks>
    /// <list type="number">
    /// <item>Find the bundle and choose the engine.</item>
    /// <item>Join the load or the loaded model, or begin a load; count the user. A failed load is begun anew, and so is
    /// the load of a model that makes no progress any more.</item>
    /// <item>Wait for the load, which goes on for the others when this caller gives up.</item>
    /// <item>Hand out the lease, or give up the place in the count.</item>
    /// </list>
    /// </remarks>
    /// <param name="engineName">The engine that the path names, or null for the first that can serve the model.</param>
    /// <param name="model">The name as the client wrote it.</param>
    /// <param name="keepAlive">How long the model stays after its last use, from now on; null changes nothing.</param>
    /// <param name="cancellationToken">Ends the wait, not the load.</param>
    /// <exception cref="ModelNotFoundException">No such engine or model.</exception>
    /// <exception cref="InvalidRequestException">The engine does not serve this kind of model.</exception>
    /// <exception cref="EngineUnavailableException">The engine cannot run on this machine.</exception>
    /// <exception cref="ModelLoadException">The files are broken or not supported.</exception>
    /// <exception cref="ModelRunnerException">The catalog has the model, and its files are damaged.</exception>
    /// <exception cref="Abstractions.Errors.InsufficientMemoryException">The model does not fit beside those in use.</exception>
    /// <exception cref="GenerationException">The runtime is being disposed.</exception>
    public async Task<ModelLease> AcquireAsync(
        string? engineName,
        ModelReference model,
        TimeSpan? keepAlive,
        CancellationToken cancellationToken)
    {
        // Step 1
        if (engineName is not null) Engines.Get(engineName);
        var bundle = Catalog.Find(model) ?? throw NotFound(model.Name);
        var engine = Engines.Choose(engineName, bundle);

        // Step 2
        var resident = Join(engine, bundle, keepAlive);
        try
        {
            // Step 3
            var loaded = await resident.Load.WaitAsync(cancellationToken);

            // Step 4
            return new ModelLease(this, resident, loaded);
        }
        catch (Exception exception)
        {
            Leave(resident);
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw GoingDown();
            throw;
        }
    }

    /// <summary>The error for a name that nobody has, which tells some that are there.</summary>
    public ModelNotFoundException NotFound(string name)
    {
        var models = Catalog.List();
        var some = models.Count == 0
            ? "There are none yet."
            : $"There {(models.Count == 1 ? "is" : "are")}: {string.Join(", ", models.Take(MaxSuggestions).Select(model => model.Name))}"
                + (models.Count > MaxSuggestions ? ", ..." : ".");
        return new($"The model '{name}' does not exist. {some}");
    }

    /// <summary>The loaded and loading models, in the order of their names.</summary>
    public IReadOnlyList<ResidentSnapshot> GetResidents()
    {
        lock (_lock)
            return [.. _residents.Values.Select(resident => resident.ToSnapshot()).OrderBy(resident => resident.ModelName, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Names of models that make no progress: loaded ones, until a request loads them anew, and ones that do not come to
    /// their end.
    /// </summary>
    public IReadOnlyList<string> GetUnhealthy()
    {
        lock (_lock)
            return [.. _residents.Values.Concat(_leaving).Where(resident => resident.IsStalled).Select(resident => resident.Bundle.Name)];
    }

    /// <summary>Stops the loads and disposes the models, the ones in use too: their work ends with an error.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] ends;
        lock (_lock)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                _shutdown.Cancel();
                foreach (var resident in _residents.Values.ToList()) Retire(resident);
            }

            ends = [.. _leaving.Select(resident => resident.Unload!)];
        }

        await _idleTimer.DisposeAsync();
        await Task.WhenAll(ends);
    }

    internal void Leave(ResidentModel resident)
    {
        lock (_lock)
        {
            resident.UserCount--;
            Touch(resident);
        }
    }

    private ResidentModel Join(IInferenceEngine engine, ModelBundle bundle, TimeSpan? keepAlive)
    {
        var key = ResidentKey.Of(engine, bundle);
        lock (_lock)
        {
            if (_isDisposed) throw GoingDown();
            if (_residents.TryGetValue(key, out var resident) && !resident.IsHealthy)
            {
                Log.Unhealthy(_logger, bundle.Name, engine.Name);
                Retire(resident);
                resident = null;
            }

            if (resident is null)
            {
                resident = new ResidentModel(engine, bundle, _options.GetSettings(bundle));
                _residents[key] = resident;

                // Task.Run, because an engine may do much before its first await, and the lock is held here.
                var begun = resident;
                resident.Load = Task.Run(() => LoadAsync(begun));
                _ = ScheduleWhenLoadedAsync(begun);
            }

            resident.UserCount++;
            resident.KeepAlive = keepAlive ?? resident.KeepAlive;
            return resident;
        }
    }

    private async Task<IEngineModel> LoadAsync(ResidentModel resident)
    {
        var (engine, bundle, options) = (resident.Engine, resident.Bundle, resident.Settings.Load);
        var started = _time.GetTimestamp();
        Log.Loading(_logger, bundle.Name, engine.Name);
        try
        {
            await ReserveAsync(resident, engine.EstimateMemory(bundle, options));
            var model = await engine.LoadAsync(bundle, options, resident, _shutdown.Token);
            lock (_lock) Touch(resident);
            Log.Loaded(_logger, bundle.Name, engine.Name, _time.GetElapsedTime(started).TotalSeconds);
            return model;
        }
        catch (Exception exception)
        {
            Log.LoadFailed(_logger, exception, bundle.Name, engine.Name);
            lock (_lock) Forget(resident);
            throw;
        }
    }

    private static GenerationException GoingDown() =>
        new(GenerationException.ModelUnloaded, "The server is going down.");
}
