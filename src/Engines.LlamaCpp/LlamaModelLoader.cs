using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.LlamaCpp.Native;
using ModelRunner.Gguf;

namespace ModelRunner.Engines.LlamaCpp;

/// <summary>Opens GGUF files with libllama, after our own reader and validator have accepted them.</summary>
public sealed class LlamaModelLoader : ITokenModelLoader
{
    private readonly LlamaOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lazy<EngineStatus> _status;

    /// <summary>Makes a loader; the native library is loaded when it is first asked for.</summary>
    public LlamaModelLoader(LlamaOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _logger = loggers.CreateLogger<LlamaModelLoader>();
        _time = time;
        _status = new Lazy<EngineStatus>(() => LlamaLibrary.Load(_options.LibraryFolder, _logger));
    }

    /// <inheritdoc/>
    public ModelFormat Format => ModelFormat.Gguf;

    /// <inheritdoc/>
    public EngineStatus Status => _status.Value;

    /// <inheritdoc/>
    public MemoryEstimate Estimate(ModelBundle bundle, ModelLoadOptions options)
    {
        var facts = ReadFacts(bundle);
        var sizes = LlamaSessionSizes.Choose(SessionOptions.From(options), KvShape.From(facts), UsesGpu(options));
        return new MemoryEstimate(facts.WeightsSizeInBytes, sizes.KvSizeInBytes, sizes.ComputeSizeInBytes(facts.VocabularySize));
    }

    /// <inheritdoc/>
    public ITokenModel Load(
        ModelBundle bundle,
        ModelLoadOptions options,
        IProgress<float>? progress,
        CancellationToken cancellationToken)
    {
        if (Status is { IsAvailable: false } status)
            throw new EngineUnavailableException(status.Reason!);

        var facts = ReadFacts(bundle);
        var handle = LoadNative(bundle, options, progress, cancellationToken);
        try
        {
            return new LlamaTokenModel(handle, bundle, facts, UsesGpu(options), _time);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private bool UsesGpu(ModelLoadOptions options) => options.GpuLayerCount != 0 && Status.IsAvailable && LlamaLibrary.HasGpu;

    /// <summary>The gate before the native loader: no path leads around it.</summary>
    private static GgufModelFacts ReadFacts(ModelBundle bundle)
    {
        var path = bundle.GgufPath ?? throw new ModelLoadException($"'{bundle.Name}' holds no GGUF file.");
        try
        {
            var file = GgufFile.Read(path);
            GgufModelValidator.Validate(file);
            return GgufModelFacts.From(file);
        }
        catch (GgufException exception)
        {
            throw new ModelLoadException($"The file of '{bundle.Name}' cannot be used: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelLoadException($"The file of '{bundle.Name}' cannot be read: {exception.Message}", exception);
        }
    }

    private static unsafe ModelHandle LoadNative(
        ModelBundle bundle,
        ModelLoadOptions options,
        IProgress<float>? progress,
        CancellationToken cancellationToken)
    {
        var state = GCHandle.Alloc(new LoadState(progress, cancellationToken));
        try
        {
            var parameters = LlamaApi.llama_model_default_params();
            parameters.GpuLayerCount = options.GpuLayerCount;
            parameters.ProgressCallback = &OnProgress;
            parameters.ProgressUserData = GCHandle.ToIntPtr(state);
            _ = LlamaLibrary.TakeLastError();
            var model = LlamaApi.llama_model_load_from_file(bundle.GgufPath!, parameters);
            cancellationToken.ThrowIfCancellationRequested();
            if (model == 0)
                throw new ModelLoadException($"llama.cpp refuses the file of '{bundle.Name}': {LlamaLibrary.TakeLastError() ?? "no reason given"}");

            return new ModelHandle(model);
        }
        finally
        {
            state.Free();
        }
    }

    private sealed record LoadState(IProgress<float>? Progress, CancellationToken Cancellation);

    /// <summary>Returns 0 to end the load.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte OnProgress(float fraction, nint userData)
    {
        try
        {
            var state = (LoadState)GCHandle.FromIntPtr(userData).Target!;
            state.Progress?.Report(fraction);
            return state.Cancellation.IsCancellationRequested ? (byte)0 : (byte)1;
        }
#pragma warning disable CA1031 // An exception that reaches native code ends the process.
        catch
#pragma warning restore CA1031
        {
            return 1;
        }
    }
}
