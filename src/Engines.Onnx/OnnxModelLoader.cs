using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.Onnx.Config;
using ModelRunner.Engines.Onnx.Decoding;
using ModelRunner.Engines.Onnx.Embedding;
using ModelRunner.Engines.Onnx.Graphs;
using ModelRunner.Engines.Onnx.Runtime;
using ModelRunner.Tokenizers;

namespace ModelRunner.Engines.Onnx;

/// <summary>Opens ONNX Runtime GenAI folders, after our own reader has walked their graph.</summary>
public sealed class OnnxModelLoader : ITokenModelLoader
{
    // Activations of some thousand tokens.
    private const long EncoderComputeInBytes = 256L << 20;

    private readonly OnnxOptions _options;
    private readonly ILogger _logger;
    private readonly Func<ModelFolder, DecoderInterface, ITokenizer> _loadTokenizer;
    private readonly IExecutionProviders _providers;
    private readonly Lazy<EngineStatus> _status;

    /// <summary>Makes a loader; the native library is loaded when it is first asked for.</summary>
    public OnnxModelLoader(OnnxOptions options, ILoggerFactory loggers)
        : this(options, loggers, LoadTokenizer)
    {
    }

    /// <summary>For graphs without a vocabulary, and for accelerators that this machine has not.</summary>
    internal OnnxModelLoader(
        OnnxOptions options, ILoggerFactory loggers, Func<ModelFolder, DecoderInterface, ITokenizer> loadTokenizer, IExecutionProviders? providers = null)
    {
        _providers = providers ?? new LibraryProviders();
        _options = options;
        _loadTokenizer = loadTokenizer;
        _logger = loggers.CreateLogger<OnnxModelLoader>();
        _status = new Lazy<EngineStatus>(() => OnnxLibrary.Start(options.ThreadCount));
    }

    /// <inheritdoc/>
    public ModelFormat Format => ModelFormat.OnnxGenAi;

    /// <inheritdoc/>
    public EngineStatus Status => _status.Value;

    /// <summary>What a folder's configuration tells without its graph; null where it cannot be read.</summary>
    public static ModelSummary? ReadSummary(string folder)
    {
        try
        {
            if (IsEncoder(folder))
                return new ModelSummary(ConfigObject.ReadFile(folder, "config.json").GetText("model_type") ?? "encoder", 0, "", 0);

            var config = GenAiConfigReader.Read(folder);
            return new ModelSummary(config.Type, 0, "", config.ContextLength);
        }
        catch (Exception exception) when (exception is ModelLoadException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public MemoryEstimate Estimate(ModelBundle bundle, ModelLoadOptions options) => Named(bundle, () =>
    {
        if (IsEncoder(FolderOf(bundle)))
            return Estimate(EncoderFolder.Open(FolderOf(bundle)));

        var folder = ModelFolder.Open(FolderOf(bundle));
        var decoder = DecoderInterfaceReader.Read(folder.Config, folder.Graph.Inputs, folder.Graph.Outputs) with { LeastCapacity = folder.Graph.WindowLength };
        var sizes = OnnxSessionSizes.Choose(SessionOptions.From(options), decoder, folder.Config.ContextLength, folder.Graph.RotaryLength);
        return new MemoryEstimate(
            WeightsInMemory(folder.Graph), sizes.KvSizeInBytes,
            sizes.ComputeSizeInBytes(decoder.VocabularySize) + (IsInPlace(folder.Graph) ? 0 : 2 * sizes.KvSizeInBytes)
                + OnnxEmbeddingSession.KvSizeInBytes(decoder, OnnxSessionSizes.LongestInput(folder.Config.ContextLength, folder.Graph.RotaryLength)));
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

        return Named<ITokenModel>(bundle, () =>
        {
            if (IsEncoder(FolderOf(bundle)))
                return LoadEncoder(bundle, options, cancellationToken);

            var folder = ModelFolder.Open(FolderOf(bundle));
            // First what is cheap and says most: a folder of an unknown kind is named before its weights are read.
            var declared = DecoderInterfaceReader.Read(folder.Config, folder.Graph.Inputs, folder.Graph.Outputs);
            var tokenizer = _loadTokenizer(folder, declared);
            progress?.Report(0.1f);
            return LoadGraph(bundle, folder, declared, tokenizer, options, progress, cancellationToken);
        });
    }

    private OnnxTokenModel LoadGraph(
        ModelBundle bundle,
        ModelFolder folder,
        DecoderInterface declared,
        ITokenizer tokenizer,
        ModelLoadOptions options,
        IProgress<float>? progress,
        CancellationToken cancellationToken)
    {
        var opener = new SessionOpener(
            folder.GraphBytes, folder.Config.FileName, folder.GraphFolder, folder.Graph, folder.Config,
            declared.IsPruned ? null : folder.Config.Names.Logits, bundle.Name, _options, _providers, _logger);
        try
        {
            return opener.Open(options, TryOut, cancellationToken);
        }
        catch (GraphRefusedException exception) when (declared.Kv[0] is { Type: not ElementType.Float32 } kv)
        {
            // Not every build and device computes attention over every kind of KV cache, and ONNX Runtime's words for that
            // name the node alone.
            throw new ModelLoadException($"with its KV cache of {kv.Type} ('{kv.Past}') it does not run here: {exception.Message}", exception);
        }

        OnnxTokenModel TryOut(InferenceSession session, bool isOnCpu)
        {
            progress?.Report(0.9f);
            var decoder = DecoderInterfaceReader.Read(
                folder.Config, SessionValues.Read(session.InputMetadata), SessionValues.Read(session.OutputMetadata)) with
            { LeastCapacity = folder.Graph.WindowLength };
            var abilities = GraphTrial.Run(session, decoder, isOnCpu);
            cancellationToken.ThrowIfCancellationRequested();
            LogAbilities(bundle.Name, decoder, abilities);
            return new OnnxTokenModel(
                new SessionHandle(session), decoder, abilities, folder.Graph.RotaryLength, Describe(bundle, folder, decoder), tokenizer);
        }
    }

    private OnnxEncoderModel LoadEncoder(ModelBundle bundle, ModelLoadOptions options, CancellationToken cancellationToken)
    {
        var path = FolderOf(bundle);
        var folder = EncoderFolder.Open(path);
        _ = EncoderInterface.Read(folder.Graph.Inputs, folder.Graph.Outputs);
        var tokenizer = TokenizerFolder.Load(path, new TokenizerFolderOptions { VocabularySize = folder.VocabularySize });
        var opener = new SessionOpener(folder.GraphBytes, folder.FileName, folder.GraphFolder, folder.Graph, config: null, logits: null, bundle.Name, _options, _providers, _logger);
        return opener.Open(options, (session, _) => TryOut(session), cancellationToken);

        OnnxEncoderModel TryOut(InferenceSession session)
        {
            var encoder = EncoderInterface.Read(SessionValues.Read(session.InputMetadata), SessionValues.Read(session.OutputMetadata));
            var width = encoder.Width > 0 ? encoder.Width : folder.HiddenSize;
            if (width == 0)
                throw new ModelLoadException($"'{encoder.Output.Name}' is {encoder.Output.Description}, and hidden_size of config.json does not say its width");

            return new OnnxEncoderModel(new SessionHandle(session), encoder, new ModelInfo
            {
                Name = bundle.Name,
                Architecture = folder.Type,
                Format = ModelFormat.OnnxGenAi,
                ParameterCount = folder.Graph.ParameterCount,
                SizeInBytes = folder.Graph.WeightsSizeInBytes,
                Quantization = NameOf(folder.Graph),
                TrainedContextLength = folder.MaxLength,
                EmbeddingLength = width,
                VocabularySize = tokenizer.VocabularySize,
                IsGenerative = false,
                Pooling = folder.Pooling,
            }, tokenizer);
        }
    }

    private static MemoryEstimate Estimate(EncoderFolder folder) =>
        new(WeightsInMemory(folder.Graph), 0, EncoderComputeInBytes);

    /// <summary>Kernels keep weights a second time, packed for this processor, beside pages of the file.</summary>
    private static long WeightsInMemory(OnnxGraph graph) => graph.WeightsSizeInBytes + (graph.WeightsSizeInBytes / 2);

    /// <summary>
    /// Whether it is likely that past and present are the same memory, which only the trial shows. Other graphs take a copy
    /// of all keys and values and give another one back.
    /// </summary>
    private static bool IsInPlace(OnnxGraph graph) => graph.Operators.Contains("GroupQueryAttention");

    /// <summary>A folder without a GenAI configuration is one of sentence-transformers.</summary>
    private static bool IsEncoder(string folder) => !File.Exists(Path.Combine(folder, GenAiConfigReader.FileName));

    private static string NameOf(OnnxGraph graph) =>
        graph.WeightBits switch { 32 => "F32", 16 => "F16", 8 => "INT8", 4 => "INT4", _ => "" };

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
        Quantization = NameOf(folder.Graph),
        TrainedContextLength = folder.Config.ContextLength,
        EmbeddingLength = decoder.HiddenStates is { Shape: [.., var width] } ? (int)width : folder.Config.HiddenSize,
        VocabularySize = decoder.VocabularySize,
        ChatTemplates = TokenizerFolder.ReadChatTemplates(folder.TokenizerPath),
        ResponseTemplate = TokenizerFolder.ReadResponseTemplate(folder.TokenizerPath),
    };

    private void LogAbilities(string model, DecoderInterface decoder, GraphAbilities abilities) => Log.Abilities(
        _logger,
        model,
        abilities.SharesMemory ? "in place" : "growing",
        abilities.IsRagged ? "of any lengths" : "one by one",
        abilities.ContinuesInChunks ? "in chunks" : "token by token",
        decoder.IsPruned ? "of wanted tokens" : "of every token");

    private static string FolderOf(ModelBundle bundle) =>
        bundle.OnnxFolder ?? throw new ModelLoadException("it holds no ONNX folder");

    /// <summary>Puts the model's name before whatever is wrong with its files.</summary>
    private static T Named<T>(ModelBundle bundle, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception exception) when (exception is ModelLoadException or GraphRefusedException)
        {
            throw new ModelLoadException($"The folder of '{bundle.Name}' cannot be used: {exception.Message}", exception.InnerException ?? exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ModelLoadException($"The folder of '{bundle.Name}' cannot be read: {exception.Message}", exception);
        }
    }
}
