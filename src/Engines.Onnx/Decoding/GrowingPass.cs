using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// Launches of graphs that give back a longer copy of the past, as generic exports do. Rows of a batch end together:
/// shorter ones are padded in front, and the mask leaves the padding out. The truth about a sequence lies in its own row
/// of memory; what the last step gave back serves as the past of the next one while the same sequences go on.
/// </summary>
internal sealed unsafe class GrowingPass : IForwardPass
{
    private readonly InferenceSession _session;
    private readonly DecoderInterface _decoder;
    private readonly KvRows _kv;
    private readonly LazyMemory[] _gathered;
    private readonly IntegerInput _ids;
    private readonly IntegerInput? _mask;
    private readonly IntegerInput? _positions;
    private readonly LogitsSelection? _selection;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly bool _isRagged;
    private readonly List<int> _carriedSequences = [];
    private IDisposableReadOnlyCollection<OrtValue>? _carried;
    private int _carriedLength;

    /// <param name="session">The graph.</param>
    /// <param name="decoder">Its inputs and outputs.</param>
    /// <param name="rowCount">Sequences.</param>
    /// <param name="capacity">Tokens of one sequence.</param>
    /// <param name="maxChunk">Tokens of one launch.</param>
    /// <param name="isRagged">Whether sequences of different lengths may share a launch.</param>
    public GrowingPass(InferenceSession session, DecoderInterface decoder, int rowCount, int capacity, int maxChunk, bool isRagged)
    {
        _session = session;
        _decoder = decoder;
        _isRagged = isRagged;
        _kv = new KvRows(decoder.Kv, rowCount, capacity);
        _gathered = [.. decoder.Kv.Select((_, tensor) => new LazyMemory(rowCount * _kv.RowSizeInBytes(tensor)))];
        var maxTokens = Math.Max(rowCount, maxChunk);
        _ids = new IntegerInput(decoder.InputIds, maxTokens);
        _mask = decoder.AttentionMask is { } mask ? new IntegerInput(mask, (long)rowCount * capacity) : null;
        _positions = decoder.PositionIds is { } positions ? new IntegerInput(positions, maxTokens) : null;
        _selection = LogitsSelection.Create(decoder.LogitsIndices, decoder.LogitsCount, maxTokens);
        _inputNames =
        [
            .. new[] { _ids.Name, _mask?.Name, _positions?.Name, _selection?.Name }.OfType<string>(),
            .. decoder.Kv.Select(tensor => tensor.Past),
        ];
        _outputNames = [decoder.Logits.Name, .. decoder.Kv.Select(tensor => tensor.Present)];
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<StepToken> tokens, ReadOnlySpan<int> lengths, LogitsBuffer logits, RunOptions options)
    {
        if (_isRagged || tokens.Length == 1)
        {
            StepTogether(tokens, logits, options);
            return;
        }

        for (var i = 0; i < tokens.Length; i++)
            StepTogether(tokens.Slice(i, 1), logits, options);
    }

    /// <inheritdoc/>
    public void Run(in Chunk chunk, LogitsBuffer logits, RunOptions options)
    {
        var count = chunk.Tokens.Length;
        for (var i = 0; i < count; i++)
        {
            _ids.Set(i, chunk.Tokens[i]);
            _positions?.Set(i, chunk.Position + i);
        }

        _mask?.Fill(0, chunk.Position + count, 1);
        var wanted = _selection is null ? count : Math.Max(chunk.WantedCount, 1);
        _selection?.Set(count, wanted);

        Drop(chunk.Sequence);
        ReadOnlySpan<StepToken> rows = [new StepToken(chunk.Sequence, chunk.Position, 0, -1)];
        using var results = Launch(rows, chunk.Position, count, wanted, isCarried: false, options);
        Keep(results, rows, chunk.Position, count);
        var source = Pointer(results[0]) + ((wanted - chunk.WantedCount) * logits.RowSizeInBytes);
        for (var i = 0; i < chunk.WantedCount; i++)
            logits.Append(chunk.FirstRow + i, source + (i * logits.RowSizeInBytes));
    }

    /// <inheritdoc/>
    public void Truncated(int sequence) => Drop(sequence);

    /// <inheritdoc/>
    public void Copy(int source, int target, int length) => _kv.Copy(source, target, length);

    /// <inheritdoc/>
    public void Release(int sequence, int length)
    {
        Drop(sequence);
        _kv.Forget(sequence, length);
    }

    public void Dispose()
    {
        DropAll();
        _ids.Dispose();
        _mask?.Dispose();
        _positions?.Dispose();
        _selection?.Dispose();
        foreach (var memory in _gathered)
            memory.Dispose();
        _kv.Dispose();
    }

    private void StepTogether(ReadOnlySpan<StepToken> tokens, LogitsBuffer logits, RunOptions options)
    {
        var isCarried = IsCarried(tokens);
        var past = isCarried ? _carriedLength : 0;
        foreach (var token in tokens)
            past = Math.Max(past, token.Position);

        for (var i = 0; i < tokens.Length; i++)
        {
            _ids.Set(i, tokens[i].Token);
            _positions?.Set(i, tokens[i].Position);
            _mask?.Fill(i * (past + 1), past - tokens[i].Position, 0);
            _mask?.Fill((i * (past + 1)) + past - tokens[i].Position, tokens[i].Position + 1, 1);
        }

        _selection?.Set(1, 1);
        IDisposableReadOnlyCollection<OrtValue> results;
        try
        {
            results = Launch(tokens, past, 1, 1, isCarried, options);
        }
        catch
        {
            DropAll();
            throw;
        }

        Keep(results, tokens, past, 1);
        var source = Pointer(results[0]);
        for (var i = 0; i < tokens.Length; i++)
            if (tokens[i].Row >= 0)
                logits.Append(tokens[i].Row, source + (i * logits.RowSizeInBytes));

        DropAll();
        _carried = results;
        _carriedLength = past + 1;
        foreach (var token in tokens)
            _carriedSequences.Add(token.Sequence);
    }

    private IDisposableReadOnlyCollection<OrtValue> Launch(
        ReadOnlySpan<StepToken> rows, int past, int count, int wanted, bool isCarried, RunOptions options)
    {
        var batch = rows.Length;
        var values = new List<OrtValue> { _ids.AsTensor(batch, count) };
        if (_mask is not null)
            values.Add(_mask.AsTensor(batch, past + count));
        if (_positions is not null)
            values.Add(_positions.AsTensor(batch, count));
        if (_selection is not null)
            values.Add(_selection.AsTensor(wanted));
        var own = values.Count;
        if (isCarried)
        {
            for (var tensor = 0; tensor < _decoder.Kv.Count; tensor++)
                values.Add(_carried![tensor + 1]);
        }
        else
        {
            for (var tensor = 0; tensor < _decoder.Kv.Count; tensor++)
                values.Add(Gather(tensor, rows, past));
            own = values.Count;
        }

        try
        {
            return _session.Run(options, _inputNames, values, _outputNames);
        }
        finally
        {
            for (var i = 0; i < own; i++)
                values[i].Dispose();
        }
    }

    /// <summary>The pasts of these sequences as one tensor, the shorter ones padded in front with zeros.</summary>
    private OrtValue Gather(int tensor, ReadOnlySpan<StepToken> rows, int past)
    {
        var kv = _decoder.Kv[tensor];
        var target = _gathered[tensor].Pointer;
        var size = (long)past * kv.TokenSizeInBytes;
        for (var strip = 0; strip < kv.StripCount; strip++)
        {
            var (part, head) = (strip / kv.HeadCount, strip % kv.HeadCount);
            for (var row = 0; row < rows.Length; row++)
            {
                var own = (long)rows[row].Position * kv.TokenSizeInBytes;
                var start = target + (((((long)part * rows.Length) + row) * kv.HeadCount) + head) * size;
                new Span<byte>(start, (int)(size - own)).Clear();
                Buffer.MemoryCopy(_kv.Strip(tensor, rows[row].Sequence, strip), start + size - own, own, own);
            }
        }

        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, (TensorElementType)(int)kv.Type, kv.Shape(rows.Length, past),
            (nint)target, rows.Length * kv.StripCount * size);
    }

    /// <summary>Copies what a launch has added to the sequences' own rows.</summary>
    private void Keep(IDisposableReadOnlyCollection<OrtValue> results, ReadOnlySpan<StepToken> rows, int past, int count)
    {
        for (var tensor = 0; tensor < _decoder.Kv.Count; tensor++)
        {
            var kv = _decoder.Kv[tensor];
            var stride = (long)(past + count) * kv.TokenSizeInBytes;
            var present = results[tensor + 1];
            if (present.GetTensorSizeInBytes() != rows.Length * kv.StripCount * stride)
                throw new GraphMismatchException($"'{kv.Present}' has another size than its past and the new tokens need.");

            var source = Pointer(present);
            var size = (long)count * kv.TokenSizeInBytes;
            for (var strip = 0; strip < kv.StripCount; strip++)
            {
                var (part, head) = (strip / kv.HeadCount, strip % kv.HeadCount);
                for (var row = 0; row < rows.Length; row++)
                {
                    var start = source + ((((((long)part * rows.Length) + row) * kv.HeadCount) + head) * stride) + stride - size;
                    var target = _kv.Strip(tensor, rows[row].Sequence, strip) + ((long)rows[row].Position * kv.TokenSizeInBytes);
                    Buffer.MemoryCopy(start, target, size, size);
                }
            }
        }
    }

    private static byte* Pointer(OrtValue value)
    {
        fixed (byte* pointer = value.GetTensorMutableRawData())
            return pointer; // Native memory of the value: it stays where it is.
    }

    private bool IsCarried(ReadOnlySpan<StepToken> tokens)
    {
        if (_carried is null || tokens.Length != _carriedSequences.Count)
            return false;
        for (var i = 0; i < tokens.Length; i++)
            if (tokens[i].Sequence != _carriedSequences[i])
                return false;

        return true;
    }

    private void Drop(int sequence)
    {
        if (_carriedSequences.Contains(sequence))
            DropAll();
    }

    private void DropAll()
    {
        _carried?.Dispose();
        _carried = null;
        _carriedSequences.Clear();
    }
}
