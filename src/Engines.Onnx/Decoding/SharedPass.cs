using Microsoft.ML.OnnxRuntime;
using ModelRunner.Engines.Onnx.Native;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// Launches of graphs whose past and present may be the same memory, as GroupQueryAttention takes it: the graph writes new
/// keys and values in place. Sequences of any lengths decode in one launch over rows that follow one another.
/// </summary>
internal sealed unsafe class SharedPass : IForwardPass
{
    // The mask may be wider than the longest sequence; a new one only every so many steps.
    private const int MaskStep = 64;

    private readonly InferenceSession _session;
    private readonly DecoderInterface _decoder;
    private readonly KvRows _kv;
    private readonly RowMap _rows;
    private readonly IntegerInput _ids;
    private readonly IntegerInput? _mask;
    private readonly IntegerInput? _positions;
    private readonly LogitsSelection? _selection;
    private readonly RowBinding?[] _bindings;
    private readonly RowExchange[] _exchanges;
    private readonly int[] _running;
    private readonly int _rowCount;
    private readonly bool _isRagged;
    private readonly LogitsBuffer _scratch;

    /// <param name="session">The graph.</param>
    /// <param name="decoder">Its inputs and outputs.</param>
    /// <param name="rowCount">Sequences.</param>
    /// <param name="capacity">Tokens of one sequence.</param>
    /// <param name="maxChunk">Tokens of one launch.</param>
    /// <param name="isRagged">Whether sequences of different lengths may share a launch.</param>
    public SharedPass(InferenceSession session, DecoderInterface decoder, int rowCount, int capacity, int maxChunk, bool isRagged)
    {
        _isRagged = isRagged;
        _session = session;
        _decoder = decoder;
        _rowCount = rowCount;
        // With room for every token such a layer never drops those before its window, so that truncation stays exact:
        // only when the cache is full does it (the operator's "Windowed KV Cache"). Pages that nobody writes take no memory,
        // but on Windows they count as committed.
        capacity = Math.Max(capacity, decoder.LeastCapacity);
        _kv = new KvRows(decoder.Kv, rowCount, capacity);
        _rows = new RowMap(rowCount);
        _bindings = new RowBinding?[rowCount * rowCount];
        _exchanges = new RowExchange[rowCount];
        _running = new int[rowCount];
        var maxTokens = Math.Max(rowCount, maxChunk);
        _ids = new IntegerInput(decoder.InputIds, maxTokens);
        _mask = decoder.AttentionMask is { } mask ? new IntegerInput(mask, (long)rowCount * capacity) : null;
        _positions = decoder.PositionIds is { } positions ? new IntegerInput(positions, maxTokens) : null;
        _selection = LogitsSelection.Create(decoder.LogitsIndices, decoder.LogitsCount, maxTokens);
        _scratch = new LogitsBuffer(decoder.Logits, decoder.VocabularySize, maxChunk, maxChunk);
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<StepToken> tokens, ReadOnlySpan<int> lengths, LogitsBuffer logits, RunOptions options)
    {
        if (_isRagged)
        {
            StepTogether(tokens, lengths, logits, options);
            return;
        }

        for (var i = 0; i < tokens.Length; i++)
            StepTogether(tokens.Slice(i, 1), lengths, logits, options);
    }

    /// <inheritdoc/>
    public void Run(in Chunk chunk, LogitsBuffer logits, RunOptions options)
    {
        var row = _rows.GetOrAssign(chunk.Sequence);
        var (count, total) = (chunk.Tokens.Length, chunk.Position + chunk.Tokens.Length);
        for (var i = 0; i < count; i++)
        {
            _ids.Set(i, chunk.Tokens[i]);
            _positions?.Set(i, chunk.Position + i);
        }

        _mask?.Fill(0, total, 1);

        // An output of no rows is no case that kernels are tested for: one that nobody reads, then.
        var isPruned = _selection is not null;
        var wanted = isPruned ? Math.Max(chunk.WantedCount, 1) : count;
        _selection?.Set(count, wanted);

        var isDirect = isPruned && chunk.WantedCount > 0;
        var target = isDirect ? logits : _scratch;
        if (!isDirect)
            _scratch.Begin(0);
        var place = target.Reserve(wanted);
        Launch(row, count, total, wanted, target, place, options);
        for (var i = 0; i < chunk.WantedCount; i++)
        {
            if (isDirect)
                logits.Assign(chunk.FirstRow + i, place + i);
            else
                logits.Append(chunk.FirstRow + i, _scratch.At(place + chunk.FirstWanted + i));
        }
    }

    /// <inheritdoc/>
    public void Truncated(int sequence)
    {
        // What lies behind the length is never read.
    }

    /// <inheritdoc/>
    public void Copy(int source, int target, int length) => _kv.Copy(_rows[source], _rows.GetOrAssign(target), length);

    /// <inheritdoc/>
    public void Release(int sequence, int length)
    {
        if (_rows[sequence] >= 0)
            _kv.Forget(_rows[sequence], length);
        _rows.Free(sequence);
    }

    public void Dispose()
    {
        foreach (var binding in _bindings)
            binding?.Dispose();
        _ids.Dispose();
        _mask?.Dispose();
        _positions?.Dispose();
        _selection?.Dispose();
        _scratch.Dispose();
        _kv.Dispose();
    }

    private void StepTogether(ReadOnlySpan<StepToken> tokens, ReadOnlySpan<int> lengths, LogitsBuffer logits, RunOptions options)
    {
        var (first, count) = Place(tokens, lengths);
        var total = 1;
        for (var i = 0; i < count; i++)
        {
            // A row between those that run computes a token behind its own ones, where nobody reads.
            var sequence = _rows.SequenceIn(first + i);
            var length = sequence < 0 ? 0 : lengths[sequence];
            _ids.Set(i, 0);
            _positions?.Set(i, length);
            total = Math.Max(total, length + 1);
        }

        foreach (var token in tokens)
            _ids.Set(_rows[token.Sequence] - first, token.Token);

        var width = Math.Min((total + MaskStep - 1) / MaskStep * MaskStep, _kv.Capacity);
        if (_mask is not null)
        {
            for (var i = 0; i < count; i++)
            {
                var sequence = _rows.SequenceIn(first + i);
                var ones = sequence < 0 ? 1 : lengths[sequence] + 1;
                _mask.Fill(i * width, ones, 1);
                _mask.Fill((i * width) + ones, width - ones, 0);
            }
        }

        _selection?.Set(1, 1);
        var place = logits.Reserve(count);
        try
        {
            var binding = GetBinding(first, count);
            binding.Bind(_mask, width, logits, place);
            _session.RunWithBinding(options, binding.Binding);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new LaunchException(exception.Message, exception);
        }

        foreach (var token in tokens)
            if (token.Row >= 0)
                logits.Assign(token.Row, place + _rows[token.Sequence] - first);
    }

    private (int First, int Count) Place(ReadOnlySpan<StepToken> tokens, ReadOnlySpan<int> lengths)
    {
        var running = _running.AsSpan(0, tokens.Length);
        for (var i = 0; i < tokens.Length; i++)
        {
            running[i] = tokens[i].Sequence;
            _rows.GetOrAssign(running[i]);
        }

        var made = _rows.Gather(running, lengths, _kv.Capacity, _exchanges);
        foreach (var exchange in _exchanges.AsSpan(0, made))
            _kv.Exchange(exchange.Left, exchange.Right, Math.Max(LengthOf(exchange.Left, lengths), LengthOf(exchange.Right, lengths)));

        return _rows.SpanOf(running);
    }

    private int LengthOf(int row, ReadOnlySpan<int> lengths) => _rows.SequenceIn(row) is >= 0 and var sequence ? lengths[sequence] : 0;

    private RowBinding GetBinding(int first, int count) =>
        _bindings[(first * _rowCount) + count - 1] ??= new RowBinding(_session, _decoder, _kv, first, count, _ids, _positions, _selection);

    private void Launch(int row, int count, int total, int wanted, LogitsBuffer target, int place, RunOptions options)
    {
        try
        {
            LaunchRow(row, count, total, wanted, target, place, options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new LaunchException(exception.Message, exception);
        }
    }

    private void LaunchRow(int row, int count, int total, int wanted, LogitsBuffer target, int place, RunOptions options)
    {
        var binding = GetBinding(row, 1);
        var inputs = new List<string> { _ids.Name };
        var values = new List<OrtValue> { _ids.AsTensor(1, count) };
        if (_mask is not null)
            Add(_mask.Name, _mask.AsTensor(1, total));
        if (_positions is not null)
            Add(_positions.Name, _positions.AsTensor(1, count));
        if (_selection is not null)
            Add(_selection.Name, _selection.AsTensor(wanted));
        var own = values.Count;
        using var output = target.AsTensor(place, 1, wanted, _decoder.VocabularySize);
        try
        {
            inputs.AddRange(_decoder.Kv.Select(tensor => tensor.Past));
            values.AddRange(binding.Kv);
            _session.Run(options, inputs, values, [_decoder.Logits.Name, .. _decoder.Kv.Select(tensor => tensor.Present)], [output, .. binding.Kv]);
        }
        finally
        {
            for (var i = 0; i < own; i++)
                values[i].Dispose();
        }

        void Add(string name, OrtValue value)
        {
            inputs.Add(name);
            values.Add(value);
        }
    }
}
