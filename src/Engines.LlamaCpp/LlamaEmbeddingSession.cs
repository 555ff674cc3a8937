using System.Diagnostics;
using System.Numerics;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.LlamaCpp.Native;

namespace ModelRunner.Engines.LlamaCpp;

/// <summary>
/// A <c>llama_context</c> that gives vectors. The whole input is one micro-batch, as encoders need it. The pooling of a
/// context is fixed: another one takes its place when another pooling is asked for, so that there is never more than one.
/// </summary>
internal sealed unsafe class LlamaEmbeddingSession : IEmbeddingSession
{
    private const int DefaultTokens = 2048;
    private const int DefaultSequences = 16;
    private const int SmallestContext = 256;

    private readonly ModelHandle _model;
    private readonly ModelInfo _info;
    private readonly ComputeThreads _threads;
    private readonly bool _isEncoder;
    private readonly NativeBatch _batch;
    private readonly DecodeSignals _signals = new();
    private ContextHandle? _context;
    private PoolingKind _pooling;
    private int _contextLength;
    private bool _isDisposed;

    public LlamaEmbeddingSession(ModelHandle model, ModelInfo info, EmbeddingOptions options)
    {
        // Contexts come and go, so the session holds the model itself.
        var isHeld = false;
        model.DangerousAddRef(ref isHeld);
        _model = model;
        _info = info;
        _isEncoder = LlamaApi.llama_model_has_decoder(model.Pointer) == 0;
        _threads = ComputeThreads.Get(options.ThreadCount > 0 ? options.ThreadCount : Math.Clamp(Environment.ProcessorCount, 1, 8));
        MaxBatchTokens = options.MaxBatchTokens > 0 ? options.MaxBatchTokens : Math.Min(DefaultTokens, info.TrainedContextLength);
        MaxSequences = options.MaxSequences > 0 ? options.MaxSequences : DefaultSequences;
        _batch = new NativeBatch(MaxBatchTokens);
    }

    /// <inheritdoc/>
    public int MaxSequences { get; }

    /// <inheritdoc/>
    public int MaxBatchTokens { get; }

    /// <inheritdoc/>
    public int MaxInputLength => Math.Min(MaxBatchTokens, _info.TrainedContextLength);

    /// <inheritdoc/>
    public bool IsStalled => _signals.IsStalled(Stopwatch.GetTimestamp());

    /// <inheritdoc/>
    public int GetOutputLength(PoolingKind pooling) => pooling == PoolingKind.Rank
        ? (int)LlamaApi.llama_model_n_cls_out(_model.Pointer)
        : _info.EmbeddingLength;

    /// <inheritdoc/>
    public void Embed(EmbeddingBatch batch, PoolingKind pooling, Span<float> output)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var width = GetOutputLength(pooling);
        var rows = pooling == PoolingKind.None ? batch.TokenCount : batch.Count;
        if (batch.Count == 0 || batch.Count > MaxSequences || batch.TokenCount > MaxBatchTokens || output.Length != rows * width)
            throw new ArgumentException($"{batch.Count} inputs of {batch.TokenCount} tokens do not fit the limits or the output.", nameof(batch));

        Fill(batch);
        var context = GetContext(pooling, batch.TokenCount).Pointer;
        var memory = LlamaApi.llama_get_memory(context);
        if (memory != 0)
            LlamaApi.llama_memory_clear(memory, 1);

        int code;
        _signals.Begin(Stopwatch.GetTimestamp());
        using (_threads.Enter())
            code = _isEncoder ? LlamaApi.llama_encode(context, _batch.Value) : LlamaApi.llama_decode(context, _batch.Value);

        _signals.End();

        if (code != 0)
            throw new GenerationException(GenerationException.DecodeFailed, "The engine failed to embed the input.");

        for (var row = 0; row < rows; row++)
        {
            var vector = pooling == PoolingKind.None
                ? LlamaApi.llama_get_embeddings_ith(context, row)
                : LlamaApi.llama_get_embeddings_seq(context, row);
            if (vector is null)
                throw new GenerationException(GenerationException.DecodeFailed, "The model gives no embeddings.");

            new ReadOnlySpan<float>(vector, width).CopyTo(output[(row * width)..]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        _context?.Dispose();
        _batch.Dispose();
        _model.DangerousRelease();
    }

    private void Fill(EmbeddingBatch batch)
    {
        _batch.Clear();
        for (var input = 0; input < batch.Count; input++)
        {
            var tokens = batch[input];
            for (var i = 0; i < tokens.Length; i++)
            {
                if ((uint)tokens[i] >= (uint)_info.VocabularySize)
                    throw new ArgumentException($"The token {tokens[i]} is not in the vocabulary.", nameof(batch));

                _batch.Add(tokens[i], i, input, hasOutput: true);
            }
        }
    }

    private ContextHandle GetContext(PoolingKind pooling, int tokenCount)
    {
        if (_context is { } known && _pooling == pooling && tokenCount <= _contextLength)
            return known;

        _context?.Dispose();
        _context = null;
        var wanted = BitOperations.RoundUpToPowerOf2((uint)Math.Max(tokenCount, SmallestContext));
        _contextLength = (int)Math.Min(wanted, (uint)MaxBatchTokens);
        var parameters = LlamaApi.llama_context_default_params();
        parameters.ContextSize = parameters.BatchSize = parameters.MicroBatchSize = (uint)_contextLength;
        parameters.MaxSequences = (uint)MaxSequences;
        parameters.UnifiedKv = 1;
        parameters.Embeddings = 1;
        parameters.AbortCallback = DecodeSignals.Callback;
        parameters.AbortUserData = _signals.Pointer;
        parameters.PoolingType = pooling switch
        {
            PoolingKind.Mean => 1,
            PoolingKind.First => 2,
            PoolingKind.Last => 3,
            PoolingKind.Rank => 4,
            _ => 0,
        };
        _ = LlamaLibrary.TakeLastError();
        var pointer = LlamaApi.llama_init_from_model(_model.Pointer, parameters);
        if (pointer == 0)
            throw new InsufficientMemoryException($"No context for embeddings could be made: {LlamaLibrary.TakeLastError() ?? "no reason given"}.");

        _pooling = pooling;
        _context = new ContextHandle(pointer, _model);
        _threads.Attach(_context.Pointer);
        return _context;
    }
}
