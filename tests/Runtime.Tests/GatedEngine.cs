using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Runtime.Tests;

/// <summary>An engine whose loads end when the test says so.</summary>
internal sealed class GatedEngine(string name, ModelFormat format = ModelFormat.Gguf, bool isAvailable = true) : IInferenceEngine
{
    private readonly Lock _lock = new();
    private readonly List<TaskCompletionSource<IEngineModel>> _loads = [];
    private TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => name;

    public EngineStatus Status { get; } = new(isAvailable, "1", [], isAvailable ? null : "no library");

    public int LoadCount
    {
        get
        {
            lock (_lock) return _loads.Count;
        }
    }

    public bool CanServe(ModelBundle bundle) => (bundle.Formats & format) != 0;

    /// <summary>The estimated bytes of a model by its name.</summary>
    public Func<string, long> SizeOf { get; set; } = static _ => 0;

    public MemoryEstimate EstimateMemory(ModelBundle bundle, ModelLoadOptions options) => new(SizeOf(bundle.Name), 0, 0);

    /// <summary>The options of the newest load.</summary>
    public ModelLoadOptions? LastOptions { get; private set; }

    /// <summary>The progress of the newest load.</summary>
    public IProgress<float>? LastProgress { get; private set; }

    public Task<IEngineModel> LoadAsync(
        ModelBundle bundle,
        ModelLoadOptions options,
        IProgress<float>? progress,
        CancellationToken cancellationToken)
    {
        var load = new TaskCompletionSource<IEngineModel>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _loads.Add(load);
            LastOptions = options;
            LastProgress = progress;
            _begun.TrySetResult();
        }

        return load.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits until a load has begun, then ends the newest one.</summary>
    public async Task<EmptyModel> CompleteAsync()
    {
        var model = new EmptyModel();
        (await TakeAsync()).SetResult(model);
        return model;
    }

    public async Task FailAsync(Exception exception) => (await TakeAsync()).SetException(exception);

    public Task WaitForLoadAsync() => _begun.Task.WaitAsync(TestContext.Current.CancellationToken);

    private async Task<TaskCompletionSource<IEngineModel>> TakeAsync()
    {
        await WaitForLoadAsync();
        lock (_lock)
        {
            _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _loads[^1];
        }
    }
}
