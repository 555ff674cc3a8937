using System.Diagnostics;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.LlamaCpp.Native;

namespace ModelRunner.Engines.LlamaCpp;

/// <summary>A <c>llama_context</c> as a decode session. Lengths are kept here, and read back when a decode went wrong.</summary>
internal sealed unsafe partial class LlamaDecodeSession : IDecodeSession
{
    // Codes of llama_decode.
    private const int NoRoom = 1;
    private const int Aborted = 2;

    // The CPU kernels multiply repacked weights by four tokens at a time, and by the rest one by one.
    private const int MatrixRows = 4;

    private readonly ContextHandle _context;
    private readonly nint _memory;
    private readonly int _vocabularySize;
    private readonly int[] _lengths;
    private readonly int[] _rowToBatch;
    private readonly NativeBatch _batch;
    private readonly AdaptiveThreads _adaptive;
    private readonly StreamMap? _streams;
    private readonly int[] _order;
    private readonly int[] _orderKeys;
    private readonly int[] _running;
    private readonly BatchSplit _split;
    private readonly TimeProvider _time;
    private readonly DecodeSignals _signals = new();
    private ComputeThreads _threads;
    private int _rowCount;
    private bool _isFaulted;
    private bool _isDisposed;

    public LlamaDecodeSession(ModelHandle model, LlamaSessionSizes sizes, int vocabularySize, TimeProvider time)
    {
        _vocabularySize = vocabularySize;
        _time = time;
        _batch = new NativeBatch(sizes.BatchTokens);
        _lengths = new int[sizes.MaxSequences];
        _rowToBatch = new int[sizes.BatchTokens];
        _order = new int[sizes.MaxSequences];
        _orderKeys = new int[sizes.MaxSequences];
        _running = new int[sizes.MaxSequences];
        _split = new BatchSplit(sizes.MaxSequences);
        _adaptive = new AdaptiveThreads(sizes.ThreadCount, sizes.MaxSequences);
        try
        {
            _context = Create(model, sizes);
            _threads = ComputeThreads.Get(sizes.ThreadCount);
            _threads.Attach(_context.Pointer);
        }
        catch
        {
            Free();
            throw;
        }

        _memory = LlamaApi.llama_get_memory(_context.Pointer);
        var isRecurrent = LlamaApi.llama_model_is_recurrent(model.Pointer) != 0 || LlamaApi.llama_model_is_hybrid(model.Pointer) != 0;
        if (!sizes.IsPooled && !isRecurrent)
            _streams = new StreamMap(sizes.MaxSequences, sizes.StreamCount);

        Limits = new SessionLimits
        {
            MaxSequences = sizes.MaxSequences,
            MaxBatchTokens = sizes.BatchTokens,
            MaxSequenceLength = sizes.MaxSequenceLength,
            KvLayout = sizes.IsPooled ? KvLayout.Pooled(sizes.TotalLength) : KvLayout.PerSequence(sizes.MaxSequenceLength),
            PrefixCopy = isRecurrent ? PrefixCopy.None : sizes.IsPooled ? PrefixCopy.Shared : PrefixCopy.Copied,
            CanTruncate = !isRecurrent,
            PreferredChunk = sizes.MicroBatchTokens,

            // A batch that is computed whole has its decode rows in the same groups.
            TokenGroup = _streams is null ? 1 : MatrixRows,
        };
    }

    /// <inheritdoc/>
    public SessionLimits Limits { get; }

    /// <inheritdoc/>
    public ReadOnlySpan<int> FailedRows => [];

    /// <inheritdoc/>
    public DecodeStatus Decode(DecodeBatch batch)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isFaulted)
            return DecodeStatus.Faulted;

        batch.Check(Limits, _vocabularySize, _lengths);
        if (_streams is null)
            _split.TakeWhole(batch);
        else
            _split.Divide(batch);

        Place(batch);
        _signals.Reset();
        if (_split.First.IsEmpty)
            return Settle(Compute(batch, _split.Second), batch);

        var code = Compute(batch, _split.First);
        if (code == 0)
            code = Compute(batch, _split.Second) switch
            {
                // The state is not unchanged: to the caller that is a step cut short.
                NoRoom => Aborted,
                var second => second,
            };

        return Settle(code, batch);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> GetLogits(int row)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if ((uint)row >= (uint)_rowCount)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"The last batch has {_rowCount} rows.");

        var logits = LlamaApi.llama_get_logits_ith(_context.Pointer, _rowToBatch[row]);
        return logits is null
            ? throw new InvalidOperationException($"libllama kept no logits of row {row}.")
            : new ReadOnlySpan<float>(logits, _vocabularySize);
    }

    /// <inheritdoc/>
    public int GetLength(int sequence) => _lengths[sequence];

    /// <inheritdoc/>
    public void Abort() => _signals.Abort();

    /// <inheritdoc/>
    public bool IsStalled => _signals.IsStalled(Stopwatch.GetTimestamp());

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        _context.Dispose();
        Free();
    }

    private void Free() => _batch.Dispose();

    private ContextHandle Create(ModelHandle model, LlamaSessionSizes sizes)
    {
        var parameters = LlamaApi.llama_context_default_params();
        parameters.ContextSize = (uint)sizes.TotalLength;
        parameters.BatchSize = (uint)sizes.BatchTokens;
        parameters.MicroBatchSize = (uint)sizes.MicroBatchTokens;
        parameters.MaxSequences = (uint)sizes.StreamCount;
        parameters.ThreadCount = parameters.BatchThreadCount = sizes.ThreadCount;
        parameters.FlashAttentionType = sizes.FlashAttention switch { true => 1, false => 0, null => -1 };
        parameters.KeyType = parameters.ValueType = sizes.KvType switch
        {
            KvCacheType.F32 => 0,
            KvCacheType.Q8 => 8,
            _ => 1,
        };
        parameters.UnifiedKv = sizes.IsPooled ? (byte)1 : (byte)0;
        parameters.NoPerformance = 1;
        parameters.AbortCallback = DecodeSignals.Callback;
        parameters.AbortUserData = _signals.Pointer;
        _ = LlamaLibrary.TakeLastError();
        var context = LlamaApi.llama_init_from_model(model.Pointer, parameters);
        return context != 0
            ? new ContextHandle(context, model)
            : throw new InsufficientMemoryException(
                $"No KV cache of {sizes.TotalLength} tokens ({sizes.KvSizeInBytes >> 20} MiB) could be made: "
                + $"{LlamaLibrary.TakeLastError() ?? "no reason given"}. A smaller context size or fewer parallel sequences need less.");
    }

    private int Compute(DecodeBatch batch, ReadOnlySpan<int> entries)
    {
        Fill(batch, entries);
        int code;
        TimeSpan duration;
        using (_threads.Enter())
        {
            var start = _time.GetTimestamp();
            _signals.Begin(Stopwatch.GetTimestamp());
            code = LlamaApi.llama_decode(_context.Pointer, _batch.Value);
            _signals.End();
            duration = _time.GetElapsedTime(start);
        }

        // What a piece of a prompt takes depends on where it lies, and says nothing about the threads.
        if (code == 0 && _batch.TokenCount == entries.Length && _adaptive.Observe(entries.Length, duration) is { } count)
        {
            _threads = ComputeThreads.Get(count);
            _threads.Attach(_context.Pointer);
        }

        return code;
    }

    /// <summary>Writes the batch in the order of the streams, which libllama needs to see that they follow one another.</summary>
    private void Fill(DecodeBatch batch, ReadOnlySpan<int> entries)
    {
        _rowCount = batch.RowCount;
        for (var i = 0; i < entries.Length; i++)
        {
            _order[i] = entries[i];
            _orderKeys[i] = StreamOf(batch.Entries[entries[i]].Sequence);
        }

        Array.Sort(_orderKeys, _order, 0, entries.Length);
        _batch.Clear();
        foreach (var index in _order.AsSpan(0, entries.Length))
        {
            var entry = batch.Entries[index];
            var tokens = batch.TokensOf(entry);
            var row = entry.FirstRow;
            for (var i = 0; i < tokens.Length; i++)
            {
                var hasRow = entry.Rows == LogitRows.All || (entry.Rows == LogitRows.Last && i == tokens.Length - 1);
                var place = _batch.Add(tokens[i], entry.Position + i, StreamOf(entry.Sequence), hasRow);
                if (hasRow)
                    _rowToBatch[row++] = place;
            }
        }
    }

    private DecodeStatus Settle(int code, DecodeBatch batch)
    {
        switch (code)
        {
            case 0:
                foreach (var entry in batch.Entries)
                    _lengths[entry.Sequence] += entry.Count;
                return DecodeStatus.Ok;

            case NoRoom:
                _rowCount = 0;
                return DecodeStatus.NoKvSpace;

            case -1:
                throw new ArgumentException("libllama refuses the batch.", nameof(batch));

            default:
                _rowCount = 0;
                foreach (var entry in batch.Entries)
                    _lengths[entry.Sequence] = LlamaApi.llama_memory_seq_pos_max(_memory, StreamOf(entry.Sequence)) + 1;

                _isFaulted = code != Aborted;
                return _isFaulted ? DecodeStatus.Faulted : DecodeStatus.Aborted;
        }
    }
}
