using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.LlamaCpp.Native;
using ModelRunner.Gguf;

namespace ModelRunner.Engines.LlamaCpp;

/// <summary>A GGUF's weights and vocabulary.</summary>
internal sealed class LlamaTokenModel : ITokenModel
{
    private readonly ModelHandle _handle;
    private readonly GgufModelFacts _facts;
    private readonly bool _usesGpu;
    private readonly TimeProvider _time;
    private readonly LlamaTokenizer _tokenizer;

    public LlamaTokenModel(ModelHandle handle, ModelBundle bundle, GgufModelFacts facts, bool usesGpu, TimeProvider time)
    {
        _handle = handle;
        _facts = facts;
        _usesGpu = usesGpu;
        _time = time;
        var model = handle.Pointer;
        _tokenizer = new LlamaTokenizer(handle);
        if (LlamaApi.llama_model_is_diffusion(model) != 0)
            throw new ModelLoadException($"'{bundle.Name}' is a diffusion model, which is not supported.");

        var hasDecoder = LlamaApi.llama_model_has_decoder(model) != 0;
        if (hasDecoder && LlamaApi.llama_model_has_encoder(model) != 0)
            throw new ModelLoadException($"'{bundle.Name}' is an encoder-decoder model, which is not supported.");

        Info = new ModelInfo
        {
            Name = bundle.Name,
            Architecture = facts.Architecture,
            Format = ModelFormat.Gguf,
            ParameterCount = (long)LlamaApi.llama_model_n_params(model),
            SizeInBytes = (long)LlamaApi.llama_model_size(model),
            Quantization = facts.Quantization,
            TrainedContextLength = LlamaApi.llama_model_n_ctx_train(model),
            EmbeddingLength = LlamaApi.llama_model_n_embd_out(model),
            VocabularySize = _tokenizer.VocabularySize,
            IsGenerative = hasDecoder && facts.PoolingType is null or 0,
            Pooling = ToPooling(facts.PoolingType),
            ChatTemplates = ListTemplates(facts),
        };
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <inheritdoc/>
    public ITokenizer Tokenizer => _tokenizer;

    /// <inheritdoc/>
    public IDecodeSession CreateSession(SessionOptions options) =>
        new LlamaDecodeSession(_handle, LlamaSessionSizes.Choose(options, KvShape.From(_facts), _usesGpu), _tokenizer.VocabularySize, _time);

    /// <inheritdoc/>
    public IEmbeddingSession CreateEmbeddingSession(EmbeddingOptions options) =>
        new LlamaEmbeddingSession(_handle, Info, options);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static PoolingKind ToPooling(long? type) => type switch
    {
        1 => PoolingKind.Mean,
        2 => PoolingKind.First,
        3 => PoolingKind.Last,
        4 => PoolingKind.Rank,
        _ => PoolingKind.None,
    };

    private static Dictionary<string, string> ListTemplates(GgufModelFacts facts)
    {
        var templates = new Dictionary<string, string>(facts.NamedChatTemplates);
        if (facts.ChatTemplate is { } template)
            templates[""] = template;

        return templates;
    }
}
