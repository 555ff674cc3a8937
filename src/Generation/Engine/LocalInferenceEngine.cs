using Microsoft.Extensions.Logging;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Generation.Engine;

/// <summary>The one local engine: whatever loads tokens and decodes them becomes a server's engine by it.</summary>
/// <param name="name">The path segment.</param>
/// <param name="loader">Opens models of its format.</param>
/// <param name="gate">Shared by all local engines of the process.</param>
/// <param name="options">Settings of the schedulers.</param>
/// <param name="probe">Tries unknown files in a child process first; null to trust every file.</param>
/// <param name="time">Clock of the loops.</param>
/// <param name="loggers">Makes the loops' loggers.</param>
public sealed class LocalInferenceEngine(
    string name,
    ITokenModelLoader loader,
    ComputeGate gate,
    SchedulerOptions options,
    IModelProbe? probe,
    TimeProvider time,
    ILoggerFactory loggers) : IInferenceEngine
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public EngineStatus Status => loader.Status;

    /// <inheritdoc/>
    public bool CanServe(ModelBundle bundle) => bundle.Formats.HasFlag(loader.Format);

    /// <inheritdoc/>
    public MemoryEstimate EstimateMemory(ModelBundle bundle, ModelLoadOptions options) => loader.Estimate(bundle, options);

    /// <inheritdoc/>
    public Task<IEngineModel> LoadAsync(
        ModelBundle bundle,
        ModelLoadOptions options,
        IProgress<float>? progress,
        CancellationToken cancellationToken)
    {
        if (Status is { IsAvailable: false } status)
            throw new EngineUnavailableException(status.Reason ?? $"The engine {name} is unavailable.");

        // Blocks for seconds: on a thread of its own, which the pool does not miss.
        return Task.Factory.StartNew(
            () => Load(bundle, options, progress, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private IEngineModel Load(
        ModelBundle bundle,
        ModelLoadOptions loadOptions,
        IProgress<float>? progress,
        CancellationToken cancellationToken)
    {
        Check(bundle, cancellationToken);
        var model = loader.Load(bundle, loadOptions, progress, cancellationToken);
        try
        {
            return model.Info.IsGenerative
                ? new LocalModel(model, bundle, loadOptions, options, gate, time, loggers.CreateLogger<LocalModel>())
                : new LocalEmbeddingModel(model, gate);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void Check(ModelBundle bundle, CancellationToken cancellationToken)
    {
        if (probe is null)
            return;

        // The child computes too, so it takes its turn like a model.
        using var turn = gate.CreateUser($"probe {bundle.Name}");
        turn.Enter();
        try
        {
            probe.Check(name, FilesOf(bundle), cancellationToken);
        }
        finally
        {
            turn.Exit();
        }
    }

    /// <summary>A bundle of two formats without the files that this engine does not open.</summary>
    private ModelBundle FilesOf(ModelBundle bundle) => bundle with
    {
        Formats = loader.Format,
        GgufPath = loader.Format == ModelFormat.Gguf ? bundle.GgufPath : null,
        OnnxFolder = loader.Format == ModelFormat.OnnxGenAi ? bundle.OnnxFolder : null,
    };
}
