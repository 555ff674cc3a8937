using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.Onnx.Decoding;
using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx.Embedding;

/// <summary>A graph that gives hidden states, as an embedding session. Inputs of like lengths share a launch.</summary>
internal sealed class OnnxEmbeddingSession : IEmbeddingSession
{
    private const int DefaultTokens = 2048;
    private const int DefaultSequences = 16;

    private readonly SessionHandle _handle;
    private readonly EncoderInterface _encoder;
    private readonly int _width;
    private readonly int _vocabularySize;
    private readonly RunOptions _options = new();
    private readonly LaunchWatch _watch = new();
    private readonly IntegerInput _ids;
    private readonly IntegerInput? _mask;
    private readonly IntegerInput? _types;
    private readonly IntegerInput? _positions;
    private readonly LogitsSelection? _selection;
    private readonly LazyMemory _empty;
    private bool _isDisposed;

    /// <param name="handle">The graph; a share of it is taken.</param>
    /// <param name="encoder">Its inputs and output.</param>
    /// <param name="width">Width of a vector.</param>
    /// <param name="vocabularySize">Token ids.</param>
    /// <param name="maxInputLength">Tokens of one input at most.</param>
    /// <param name="options">What the caller set.</param>
    public OnnxEmbeddingSession(
        SessionHandle handle, EncoderInterface encoder, int width, int vocabularySize, int maxInputLength, EmbeddingOptions options)
    {
        _encoder = encoder;
        _width = width;
        _vocabularySize = vocabularySize;
        MaxBatchTokens = options.MaxBatchTokens > 0 ? options.MaxBatchTokens : DefaultTokens;
        MaxSequences = options.MaxSequences > 0 ? options.MaxSequences : DefaultSequences;
        MaxInputLength = Math.Min(MaxBatchTokens, maxInputLength);
        // Padding at most doubles the tokens.
        var capacity = 2L * MaxBatchTokens;
        _ids = new IntegerInput(encoder.InputIds, capacity);
        _mask = encoder.AttentionMask is { } mask ? new IntegerInput(mask, capacity) : null;
        _types = encoder.TokenTypes is { } types ? new IntegerInput(types, capacity) : null;
        _positions = encoder.PositionIds is { } positions ? new IntegerInput(positions, capacity) : null;
        _selection = LogitsSelection.Create(encoder.LogitsIndices, encoder.LogitsCount, 1);
        _empty = new LazyMemory(encoder.Kv.Select(EmptySizeInBytes).DefaultIfEmpty(0).Max());
        _handle = handle.Share();
    }

    /// <inheritdoc/>
    public int MaxSequences { get; }

    /// <inheritdoc/>
    public int MaxBatchTokens { get; }

    /// <inheritdoc/>
    public int MaxInputLength { get; }

    /// <inheritdoc/>
    public bool IsStalled => _watch.IsStalled(Stopwatch.GetTimestamp());

    /// <inheritdoc/>
    public int GetOutputLength(PoolingKind pooling) => _width;

    /// <inheritdoc/>
    public void Embed(EmbeddingBatch batch, PoolingKind pooling, Span<float> output)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var rows = pooling == PoolingKind.None ? batch.TokenCount : batch.Count;
        if (batch.Count == 0 || batch.Count > MaxSequences || batch.TokenCount > MaxBatchTokens || output.Length != rows * _width)
            throw new ArgumentException($"{batch.Count} inputs of {batch.TokenCount} tokens do not fit the limits or the output.", nameof(batch));
        if (pooling == PoolingKind.Rank || (pooling == PoolingKind.None && _encoder.IsPooled))
            throw new ArgumentException($"The graph does not give what the pooling {pooling} needs.", nameof(pooling));

        var firstTokens = FindFirstTokens(batch);
        foreach (var group in LengthGroups.Make(batch, _encoder.CanBatch))
            Embed(batch, group, firstTokens, pooling, output);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        _ids.Dispose();
        _mask?.Dispose();
        _types?.Dispose();
        _positions?.Dispose();
        _selection?.Dispose();
        _empty.Dispose();
        _options.Dispose();
        _handle.Dispose();
    }

    private int[] FindFirstTokens(EmbeddingBatch batch)
    {
        var firstTokens = new int[batch.Count];
        var count = 0;
        for (var input = 0; input < batch.Count; input++)
        {
            firstTokens[input] = count;
            count += batch[input].Length;
            if (batch[input].Length > MaxInputLength)
                throw new ArgumentException($"An input has {batch[input].Length} tokens; {MaxInputLength} fit.", nameof(batch));
            foreach (var token in batch[input])
                if ((uint)token >= (uint)_vocabularySize)
                    throw new ArgumentException($"The token {token} is not in the vocabulary.", nameof(batch));
        }

        return firstTokens;
    }

    private void Embed(EmbeddingBatch batch, List<int> group, int[] firstTokens, PoolingKind pooling, Span<float> output)
    {
        // By rising length: the last one is the longest.
        var length = batch[group[^1]].Length;
        using var results = Run(batch, group, length);
        var states = results[0].GetTensorDataAsSpan<float>();
        if (states.Length != group.Count * (_encoder.IsPooled ? 1 : length) * _width)
            throw new GenerationException(GenerationException.DecodeFailed, $"The graph gives {states.Length} numbers for {group.Count} inputs of {length} tokens.");

        for (var row = 0; row < group.Count; row++)
        {
            var input = group[row];
            if (_encoder.IsPooled)
            {
                states.Slice(row * _width, _width).CopyTo(output.Slice(input * _width, _width));
                continue;
            }

            var own = states.Slice(row * length * _width, batch[input].Length * _width);
            if (pooling == PoolingKind.None)
                own.CopyTo(output[(firstTokens[input] * _width)..]);
            else
                StatePooling.Pool(own, pooling, output.Slice(input * _width, _width));
        }
    }

    private IDisposableReadOnlyCollection<OrtValue> Run(EmbeddingBatch batch, List<int> group, int length)
    {
        Fill(batch, group, length);
        var names = new List<string>();
        var values = new List<OrtValue>();
        try
        {
            foreach (var input in new[] { _ids, _mask, _types, _positions }.OfType<IntegerInput>())
            {
                names.Add(input.Name);
                values.Add(input.AsTensor(group.Count, length));
            }

            if (_selection is not null)
            {
                names.Add(_selection.Name);
                values.Add(_selection.AsTensor(1));
            }

            foreach (var tensor in _encoder.Kv)
            {
                names.Add(tensor.Past);
                values.Add(Empty(tensor));
            }

            _watch.Begin(group.Count * length, Stopwatch.GetTimestamp());
            try
            {
                return _handle.Session.Run(_options, names, values, [_encoder.Output.Name]);
            }
            finally
            {
                _watch.End(Stopwatch.GetTimestamp());
            }
        }
        catch (OnnxRuntimeException exception)
        {
            throw new GenerationException(GenerationException.DecodeFailed, "The engine failed to embed the input.", exception);
        }
        finally
        {
            foreach (var value in values)
                value.Dispose();
        }
    }

    private void Fill(EmbeddingBatch batch, List<int> group, int length)
    {
        for (var row = 0; row < group.Count; row++)
        {
            var tokens = batch[group[row]];
            for (var i = 0; i < length; i++)
            {
                var isOwn = i < tokens.Length;
                _ids.Set((row * length) + i, isOwn ? tokens[i] : 0);
                _mask?.Set((row * length) + i, isOwn ? 1 : 0);
                _positions?.Set((row * length) + i, isOwn ? i : 0);
            }
        }

        _types?.Fill(0, group.Count * length, 0);
        _selection?.Set(1, 1);
    }

    private unsafe OrtValue Empty(KvTensor tensor) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, (TensorElementType)(int)tensor.Type, tensor.Shape(1, _encoder.KvCapacity),
        (nint)_empty.Pointer, EmptySizeInBytes(tensor));

    private long EmptySizeInBytes(KvTensor tensor) => (long)_encoder.KvCapacity * tensor.StripCount * tensor.TokenSizeInBytes;
}
