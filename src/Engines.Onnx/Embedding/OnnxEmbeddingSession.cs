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
    private readonly KvRows _kv;
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
        // A layer that wants room for its window gets it for the whole input, as in SharedPass. The others have no past.
        _kv = new KvRows(encoder.Kv, 1, encoder.LeastCapacity == 0 ? 0 : Math.Max(encoder.LeastCapacity, MaxInputLength));
        _handle = handle.Share();
    }

    /// <summary>Bytes of the keys and values that a session of the default size holds; 0 where the graph drops them after a launch.</summary>
    /// <param name="decoder">The graph's inputs and outputs.</param>
    /// <param name="maxInputLength">Tokens of one input at most.</param>
    public static long KvSizeInBytes(DecoderInterface decoder, int maxInputLength) => EncoderInterface.Of(decoder) is { LeastCapacity: > 0 }
        ? decoder.KvSizeInBytesPerToken * Math.Min(DefaultTokens, maxInputLength)
        : 0;

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
        _kv.Dispose();
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
        using var states = Run(batch, group, length);
        var vectors = states.GetTensorDataAsSpan<float>();
        for (var row = 0; row < group.Count; row++)
        {
            var input = group[row];
            if (_encoder.IsPooled)
            {
                vectors.Slice(row * _width, _width).CopyTo(output.Slice(input * _width, _width));
                continue;
            }

            var own = vectors.Slice(row * length * _width, batch[input].Length * _width);
            if (pooling == PoolingKind.None)
                own.CopyTo(output[(firstTokens[input] * _width)..]);
            else
                StatePooling.Pool(own, pooling, output.Slice(input * _width, _width));
        }
    }

    private OrtValue Run(EmbeddingBatch batch, List<int> group, int length)
    {
        Fill(batch, group, length);
        List<string> inputs = [], outputs = [_encoder.Output.Name];
        List<OrtValue> values = [];
        OrtValue? states = null;
        try
        {
            long[] shape = _encoder.IsPooled ? [group.Count, _width] : [group.Count, length, _width];
            states = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, shape);
            List<OrtValue> results = [states];
            foreach (var input in new[] { _ids, _mask, _types, _positions }.OfType<IntegerInput>())
            {
                inputs.Add(input.Name);
                values.Add(input.AsTensor(group.Count, length));
            }

            if (_selection is not null)
            {
                inputs.Add(_selection.Name);
                values.Add(_selection.AsTensor(1));
            }

            for (var i = 0; i < _encoder.Kv.Count; i++)
            {
                inputs.Add(_encoder.Kv[i].Past);
                values.Add(AsTensor(i));
                if (_kv.Capacity == 0)
                    continue;
                // In and out, as in RowBinding: the kernel would make a copy of the whole room.
                outputs.Add(_encoder.Kv[i].Present);
                results.Add(values[^1]);
            }

            _watch.Begin(group.Count * length, Stopwatch.GetTimestamp());
            try
            {
                _handle.Session.Run(_options, inputs, values, outputs, results);
            }
            finally
            {
                _watch.End(Stopwatch.GetTimestamp());
            }

            return states;
        }
        catch (OnnxRuntimeException exception)
        {
            states?.Dispose();
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

    private unsafe OrtValue AsTensor(int kv)
    {
        var tensor = _encoder.Kv[kv];
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, (TensorElementType)(int)tensor.Type, tensor.Shape(1, _kv.Capacity),
            (nint)_kv.Row(kv, 0), _kv.RowSizeInBytes(kv));
    }
}
