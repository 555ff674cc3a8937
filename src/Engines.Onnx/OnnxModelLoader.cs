using Microsoft.Extensions.Logging;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.Onnx.Decoding;
using ModelRunner.Engines.Onnx.Runtime;
using ModelRunner.Tokenizers;

namespace ModelRunner.Engines.Onnx;

/// <summary>Opens ONNX Runtime GenAI folders, after our own reader has walked their graph.</summary>
public sealed class OnnxModelLoader : ITokenModelLoader
{
    private readonly OnnxOptions _options;
    private readonly ILogger _logger;
    private readonly Func<ModelFolder, DecoderInterface, ITokenizer> _loadTokenizer;
    private readonly Lazy<EngineStatus> _status;

    /// <summary>Makes a loader; the native library is loaded when it is first asked for.</summary>
    public OnnxModelLoader(OnnxOptions options, ILoggerFactory loggers)
        : this(options, loggers, LoadTokenizer)
    {
    }

    /// <summary>For graphs without a vocabulary.</summary>
    internal OnnxModelLoader(OnnxOptions options, ILoggerFactory loggers, Func<ModelFolder, DecoderInterface, ITokenizer> loadTokenizer)
    {
        _options = options;
        _loadTokenizer = loadTokenizer;
        _logger = loggers.CreateLogger<OnnxModelLoader>();
        _status = new Lazy<EngineStatus>(() => OnnxLibrary.Start(options.ThreadCount));
    }

    /// <inheritdoc/>
    public ModelFormat Format => ModelFormat.OnnxGenAi;

    /// <inheritdoc/>
    public EngineStatus Status => _status.Value;

    /// <inheritdoc/>
    public MemoryEstimate Estimate(ModelBundle bundle, ModelLoadOptions options) => Named(bundle, () =>
    {
        var folder = ModelFolder.Open(FolderOf(bundle));
        var decoder = DecoderInterfaceReader.Read(folder.Config, folder.Graph.Inputs, folder.Graph.Outputs);
        var sizes = OnnxSessionSizes.Choose(SessionOptions.From(options), decoder, folder.Config.ContextLength, folder.Graph.RotaryLength);
        // Kernels keep weights a second time, packed for this processor, beside pages of the file.
        var weights = folder.Graph.WeightsSizeInBytes + (folder.Graph.WeightsSizeInBytes / 2);
        return new MemoryEstimate(weights, sizes.KvSizeInBytes, sizes.ComputeSizeInBytes(decoder.VocabularySize));
    });

    /// <inheritdoc/>
    public ITokenModel Load(
        ModelBundle bundle,
        ModelLoadOptions options,
        IProgress<float>? progress,
        CancellationToken cancellationToken)
    {
        if (Status is { IsAvailable: false } status)
            throw new EngineUnavailableException(status.Reason!);

        return Named(bundle, () =>
        {
            var folder = ModelFolder.Open(FolderOf(bundle));
            // First what is cheap and says most: a folder of an unknown kind is named before its weights are read.
            var declared = DecoderInterfaceReader.Read(folder.Config, folder.Graph.Inputs, folder.Graph.Outputs);
            var tokenizer = _loadTokenizer(folder, declared);
            progress?.Report(0.1f);
            return LoadGraph(bundle, folder, tokenizer, options, progress, cancellationToken);
        });
    }

    private OnnxTokenModel LoadGraph(
        ModelBundle bundle,
        ModelFolder folder,
        ITokenizer tokenizer,
        ModelLoadOptions options,
        IProgress<float>? progress,
        CancellationToken cancellationToken)
    {
        var opener = new SessionOpener(folder, bundle.Name, _options, _logger);
        var handle = new SessionHandle(opener.Open(options, cancellationToken));
        try
        {
            progress?.Report(0.9f);
            var decoder = DecoderInterfaceReader.Read(
                folder.Config,
                SessionValues.Read(handle.Session.InputMetadata),
                SessionValues.Read(handle.Session.OutputMetadata));
            var abilities = GraphTrial.Run(handle.Session, decoder);
            cancellationToken.ThrowIfCancellationRequested();
            LogAbilities(bundle.Name, decoder, abilities);
            return new OnnxTokenModel(handle, decoder, abilities, folder.Graph.RotaryLength, Describe(bundle, folder, decoder), tokenizer);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static ITokenizer LoadTokenizer(ModelFolder folder, DecoderInterface decoder) =>
        TokenizerFolder.Load(folder.TokenizerPath, new TokenizerFolderOptions
        {
            VocabularySize = decoder.VocabularySize,
            BeginOfSequence = folder.Config.BeginOfSequence,
            EndOfSequence = folder.Config.EndOfSequence,
            Padding = folder.Config.Padding,
        });

    private static ModelInfo Describe(ModelBundle bundle, ModelFolder folder, DecoderInterface decoder) => new()
    {
        Name = bundle.Name,
        Architecture = folder.Config.Type,
        Format = ModelFormat.OnnxGenAi,
        ParameterCount = folder.Graph.ParameterCount,
        SizeInBytes = folder.Graph.WeightsSizeInBytes,
        Quantization = folder.Quantization,
        TrainedContextLength = folder.Config.ContextLength,
        EmbeddingLength = decoder.HiddenStates is { Shape: [.., var width] } ? (int)width : folder.Config.HiddenSize,
        VocabularySize = decoder.VocabularySize,
        ChatTemplates = TokenizerFolder.ReadChatTemplates(folder.TokenizerPath),
    };

    private void LogAbilities(string model, DecoderInterface decoder, GraphAbilities abilities) => Log.Abilities(
        _logger,
        model,
        abilities.SharesMemory ? "in place" : "growing",
        abilities.IsRagged ? "of any lengths" : "one by one",
        abilities.ContinuesInChunks ? "in chunks" : "token by token",
        decoder.LogitsIndices is null ? "of every token" : "of wanted tokens");

    private static string FolderOf(ModelBundle bundle) =>
        bundle.OnnxFolder ?? throw new ModelLoadException("it holds no ONNX folder");

    /// <summary>Puts the model's name before whatever is wrong with its files.</summary>
    private static T Named<T>(ModelBundle bundle, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (ModelLoadException exception)
        {
            throw new ModelLoadException($"The folder of '{bundle.Name}' cannot be used: {exception.Message}", exception.InnerException ?? exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ModelLoadException($"The folder of '{bundle.Name}' cannot be read: {exception.Message}", exception);
        }
    }
}
