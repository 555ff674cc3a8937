using Microsoft.Extensions.Logging;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Runtime;

/// <summary>The models in memory: loads them when they are first asked for and counts their users. Thread-safe.</summary>
public sealed class ModelRuntime(
    EngineRegistry engines,
    IModelCatalog catalog,
    ModelLoadOptions loadOptions,
    TimeProvider time,
    ILogger<ModelRuntime> logger) : IAsyncDisposable
{
    // The only lock here. Held for look-ups and counting, never across a load.
    private readonly Lock _lock = new();
    private readonly Dictionary<ResidentKey, ResidentModel> _residents = [];
    private readonly CancellationTokenSource _shutdown = new();
    private bool _isDisposed;

    /// <summary>The engines.</summary>
    public EngineRegistry Engines => engines;

    /// <summary>The models that can be asked for.</summary>
    public IModelCatalog Catalog => catalog;

    /// <summary>Gives a loaded model, loading it when it is not.</summary>
    /// <remarks>
    /// <list type="number">
    /// <item>Find the bundle and choose the engine.</item>
    /// <item>Join the load or the loaded model, or begin a load; count the user. A failed load is begun anew.</item>
    /// <item>Wait for the load, which goes on for the others when this caller gives up.</item>
    /// <item>Hand out the lease, or give up the place in the count.</item>
    /// </list>
    /// </remarks>
    /// <param name="engineName">The engine that the path names, or null for the first that can serve the model.</param>
    /// <param name="model">The name as the client wrote it.</param>
    /// <param name="cancellationToken">Ends the wait, not the load.</param>
    /// <exception cref="ModelNotFoundException">No such engine or model.</exception>
    /// <exception cref="InvalidRequestException">The engine does not serve this kind of model.</exception>
    /// <exception cref="EngineUnavailableException">The engine cannot run on this machine.</exception>
    /// <exception cref="ModelLoadException">The files are broken or not supported.</exception>
    /// <exception cref="Abstractions.Errors.InsufficientMemoryException">The machine has too little memory.</exception>
    /// <exception cref="GenerationException">The runtime is being disposed.</exception>
    public async Task<ModelLease> AcquireAsync(
        string? engineName,
        ModelReference model,
        CancellationToken cancellationToken)
    {
        // Step 1
        if (engineName is not null) engines.Get(engineName);
        var bundle = catalog.Find(model) ?? throw new ModelNotFoundException($"The model '{model}' does not exist.");
        var engine = engines.Choose(engineName, bundle);

        // Step 2
        var resident = Join(engine, bundle);
        try
        {
            // Step 3
            var loaded = await resident.Load.WaitAsync(cancellationToken);

            // Step 4
            return new ModelLease(resident, loaded);
        }
        catch (Exception exception)
        {
            resident.Leave();
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw Unloaded();
            throw;
        }
    }

    /// <summary>Stops the loads and disposes the models, the ones in use too: their work ends with an error.</summary>
    public async ValueTask DisposeAsync()
    {
        List<ResidentModel> residents;
        lock (_lock)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            residents = [.. _residents.Values];
            _residents.Clear();
        }

        await _shutdown.CancelAsync();
        foreach (var resident in residents)
        {
            // A failed load was told to those who waited for it, and has nothing to dispose.
            await ((Task)resident.Load).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (resident.Load.IsCompletedSuccessfully) await (await resident.Load).DisposeAsync();
        }

        _shutdown.Dispose();
    }

    /// <summary>Users of the model, leases and waiting ones, or null when it is not resident.</summary>
    internal int? GetUserCount(string engineName, string modelName)
    {
        lock (_lock)
        {
            foreach (var (key, resident) in _residents)
                if (key.EngineName == engineName && key.ModelName == modelName)
                    return resident.UserCount;
        }

        return null;
    }

    private ResidentModel Join(IInferenceEngine engine, ModelBundle bundle)
    {
        var key = ResidentKey.Of(engine, bundle);
        lock (_lock)
        {
            if (_isDisposed) throw Unloaded();
            if (!_residents.TryGetValue(key, out var resident) || resident.HasFailed)
            {
                // Task.Run, because an engine may do much before its first await, and the lock is held here.
                resident = new ResidentModel(engine, bundle) { Load = Task.Run(() => LoadAsync(engine, bundle)) };
                _residents[key] = resident;
            }

            resident.Enter();
            return resident;
        }
    }

    private async Task<IEngineModel> LoadAsync(IInferenceEngine engine, ModelBundle bundle)
    {
        var started = time.GetTimestamp();
        Log.Loading(logger, bundle.Name, engine.Name);
        try
        {
            var model = await engine.LoadAsync(bundle, loadOptions, progress: null, _shutdown.Token);
            Log.Loaded(logger, bundle.Name, engine.Name, time.GetElapsedTime(started).TotalSeconds);
            return model;
        }
        catch (Exception exception)
        {
            Log.LoadFailed(logger, exception, bundle.Name, engine.Name);
            throw;
        }
    }

    private static GenerationException Unloaded() =>
        new(GenerationException.ModelUnloaded, "The server is going down.");

    // The files belong to the key: a name whose files were replaced by others is another model.
    private readonly record struct ResidentKey(string EngineName, string ModelName, string? GgufPath, string? OnnxFolder)
    {
        public static ResidentKey Of(IInferenceEngine engine, ModelBundle bundle) =>
            new(engine.Name, bundle.Name, bundle.GgufPath, bundle.OnnxFolder);
    }
}
