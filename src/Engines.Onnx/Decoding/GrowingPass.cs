using Microsoft.ML.OnnxRuntime;
using ModelRunner.Engines.Onnx.Native;
using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// Launches of graphs that give back a longer copy of the past, as generic exports do. Rows of a batch end together:
/// shorter ones are padded in front, and the mask leaves the padding out. The truth about a sequence lies in its own row
/// of memory; what the last step gave back serves as the past of the next one while the same sequences go on.
/// </summary>
internal sealed unsafe class GrowingPass : IForwardPass
{
    private readonly DecoderInterface _decoder;
    private readonly KvRows _kv;
    private readonly IntegerInput _ids;
    private readonly IntegerInput? _mask;
    private readonly IntegerInput? _positions;
    private readonly LogitsSelection? _selection;
    private readonly MemoryBinding _binding;
    private readonly LogitsBuffer _scratch;
    private readonly bool _isRagged;
    private readonly List<int> _carriedSequences = [];

    // Past and present of a step, which change places, and of a piece of a prompt, which leaves those alone.
    private readonly LazyMemory[] _chunkPast;
    private readonly LazyMemory[] _chunkPresent;
    private LazyMemory[] _past;
    private LazyMemory[] _present;
    private int _carriedLength;

    /// <param name="session">The graph.</param>
    /// <param name="decoder">Its inputs and outputs.</param>
    /// <param name="rowCount">Sequences.</param>
    /// <param name="capacity">Tokens of one sequence.</param>
    /// <param name="maxChunk">Tokens of one launch.</param>
    /// <param name="isRagged">Whether sequences of different lengths may share a launch.</param>
    public GrowingPass(InferenceSession session, DecoderInterface decoder, int rowCount, int capacity, int maxChunk, bool isRagged)
    {
        _decoder = decoder;
        _isRagged = isRagged;
        _kv = new KvRows(decoder.Kv, rowCount, capacity);
        LazyMemory[] Rows(int count) => [.. decoder.Kv.Select((_, tensor) => new LazyMemory(count * _kv.RowSizeInBytes(tensor)))];
        (_past, _present, _chunkPast, _chunkPresent) = (Rows(rowCount), Rows(rowCount), Rows(1), Rows(1));
        var maxTokens = Math.Max(rowCount, maxChunk);
        _ids = new IntegerInput(decoder.InputIds, maxTokens);
        _mask = decoder.AttentionMask is { } mask ? new IntegerInput(mask, (long)rowCount * capacity) : null;
        _positions = decoder.PositionIds is { } positions ? new IntegerInput(positions, maxTokens) : null;
        _selection = LogitsSelection.Create(decoder.LogitsIndices, decoder.LogitsCount, maxTokens);
        _scratch = new LogitsBuffer(decoder.Logits, decoder.VocabularySize, maxChunk, maxChunk);
        _binding = new MemoryBinding(
            session,
            new[] { _ids.Name, _mask?.Name, _positions?.Name, _selection?.Name }.OfType<string>().Concat(decoder.Kv.Select(tensor => tensor.Past)),
            decoder.Kv.Select(tensor => tensor.Present).Prepend(decoder.Logits.Name));
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
        Gather(rows, chunk.Position, _chunkPast);
        _scratch.Begin(0);
        var place = _scratch.Reserve(wanted);
        Launch(1, chunk.Position, count, wanted, _chunkPast, _chunkPresent, _scratch, place, options);
        Keep(rows, chunk.Position, count, _chunkPresent);
        for (var i = 0; i < chunk.WantedCount; i++)
            logits.Append(chunk.FirstRow + i, _scratch.At(place + wanted - chunk.WantedCount + i));
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
        _binding.Dispose();
        _ids.Dispose();
        _mask?.Dispose();
        _positions?.Dispose();
        _selection?.Dispose();
        _scratch.Dispose();
        foreach (var memory in (LazyMemory[])[.. _past, .. _present, .. _chunkPast, .. _chunkPresent])
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

        // Until the launch is over, neither the old present nor the new one is a past.
        _carriedSequences.Clear();
        _selection?.Set(1, 1);
        if (!isCarried)
            Gather(tokens, past, _past);
        var place = logits.Reserve(tokens.Length);
        Launch(tokens.Length, past, 1, 1, _past, _present, logits, place, options);
        Keep(tokens, past, 1, _present);
        for (var i = 0; i < tokens.Length; i++)
            if (tokens[i].Row >= 0)
                logits.Assign(tokens[i].Row, place + i);

        (_past, _present) = (_present, _past);
        _carriedLength = past + 1;
        foreach (var token in tokens)
            _carriedSequences.Add(token.Sequence);
    }

    private void Launch(
        int batch, int past, int count, int wanted, LazyMemory[] from, LazyMemory[] to, LogitsBuffer logits, int place, RunOptions options)
    {
        var input = 0;
        _ids.Bind(_binding, input++, batch, count);
        _mask?.Bind(_binding, input++, batch, past + count);
        _positions?.Bind(_binding, input++, batch, count);
        _selection?.Bind(_binding, input++, wanted);
        logits.Bind(_binding, place, batch, wanted);
        Span<long> shape = stackalloc long[KvTensor.MaxRank];
        for (var tensor = 0; tensor < _decoder.Kv.Count; tensor++)
        {
            var kv = _decoder.Kv[tensor];
            var tokenSize = (long)batch * kv.StripCount * kv.TokenSizeInBytes;
            _binding.Input(input + tensor, kv.Type, kv.Shape(batch, past, shape), from[tensor].Pointer, past * tokenSize);
            _binding.Output(1 + tensor, kv.Type, kv.Shape(batch, past + count, shape), to[tensor].Pointer, (past + count) * tokenSize);
        }

        _binding.Run(options);
    }

    /// <summary>The pasts of these sequences side by side, the shorter ones padded in front with zeros.</summary>
    private void Gather(ReadOnlySpan<StepToken> rows, int past, LazyMemory[] memory)
    {
        for (var tensor = 0; tensor < _decoder.Kv.Count; tensor++)
        {
            var kv = _decoder.Kv[tensor];
            var size = (long)past * kv.TokenSizeInBytes;
            for (var strip = 0; strip < kv.StripCount; strip++)
            {
                for (var row = 0; row < rows.Length; row++)
                {
                    var own = (long)rows[row].Position * kv.TokenSizeInBytes;
                    var start = memory[tensor].Pointer + (PlaceOf(kv, strip, row, rows.Length) * size);
                    new Span<byte>(start, (int)(size - own)).Clear();
                    Buffer.MemoryCopy(_kv.Strip(tensor, rows[row].Sequence, strip), start + size - own, own, own);
                }
            }
        }
    }

    /// <summary>Copies what a launch has added to the sequences' own rows.</summary>
    private void Keep(ReadOnlySpan<StepToken> rows, int past, int count, LazyMemory[] memory)
    {
        for (var tensor = 0; tensor < _decoder.Kv.Count; tensor++)
        {
            var kv = _decoder.Kv[tensor];
            var stride = (long)(past + count) * kv.TokenSizeInBytes;
            var size = (long)count * kv.TokenSizeInBytes;
            for (var strip = 0; strip < kv.StripCount; strip++)
            {
                for (var row = 0; row < rows.Length; row++)
                {
                    var end = memory[tensor].Pointer + ((PlaceOf(kv, strip, row, rows.Length) + 1) * stride);
                    var target = _kv.Strip(tensor, rows[row].Sequence, strip) + ((long)rows[row].Position * kv.TokenSizeInBytes);
                    Buffer.MemoryCopy(end - size, target, size, size);
                }
            }
        }
    }

    /// <summary>Which of the strips of a batch, in the order of the tensor, is a row's.</summary>
    private static long PlaceOf(KvTensor kv, int strip, int row, int batch)
    {
        var (part, head) = (strip / kv.HeadCount, strip % kv.HeadCount);
        return ((((long)part * batch) + row) * kv.HeadCount) + head;
    }

    private bool IsCarried(ReadOnlySpan<StepToken> tokens)
    {
        if (tokens.Length != _carriedSequences.Count)
            return false;
        for (var i = 0; i < tokens.Length; i++)
            if (tokens[i].Sequence != _carriedSequences[i])
                return false;

        return true;
    }

    /// <summary>What the last step gave back is the past of this sequence no longer.</summary>
    private void Drop(int sequence)
    {
        if (_carriedSequences.Contains(sequence))
            _carriedSequences.Clear();
    }
}
