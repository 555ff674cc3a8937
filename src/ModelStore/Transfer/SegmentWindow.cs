namespace ModelRunner.ModelStore.Transfer;

/// <summary>
/// The next segments of a blob, fetched at the same time and handed out in order. The first is fetched alone: it shows
/// whether the source gives ranges. Used by one task.
/// </summary>
internal sealed class SegmentWindow : IDisposable
{
    private readonly BlobFetcher _fetcher;
    private readonly IBlobSource _source;
    private readonly TransferOptions _options;
    private readonly long _size;
    private readonly Action<long> _progress;
    private readonly CancellationTokenSource _stop;
    private readonly Queue<(Task Task, byte[] Buffer, int Length)> _pending = new();
    private readonly Stack<byte[]> _free = new();
    private byte[]? _handedOut;
    private long _next;
    private long _received;
    private bool _hasRanges;

    public SegmentWindow(
        BlobFetcher fetcher,
        IBlobSource source,
        TransferOptions options,
        long offset,
        long size,
        Action<long> progress,
        CancellationToken cancellationToken)
    {
        _fetcher = fetcher;
        _source = source;
        _options = options;
        _next = offset;
        _received = offset;
        _size = size;
        _progress = progress;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>The next segment, valid until <see cref="Return"/>.</summary>
    public async Task<ReadOnlyMemory<byte>> NextAsync()
    {
        Begin();
        var (task, buffer, length) = _pending.Dequeue();
        _handedOut = buffer;
        await task;
        _hasRanges = true;
        Begin();
        return buffer.AsMemory(0, length);
    }

    /// <summary>Gives the memory of the last segment back.</summary>
    public void Return()
    {
        if (_handedOut is { } buffer) _free.Push(buffer);
        _handedOut = null;
    }

    /// <summary>Ends what is under way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        while (_pending.TryDequeue(out var segment))
            await segment.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stop.Dispose();

    private void Begin()
    {
        while (_next < _size && _pending.Count < (_hasRanges ? _options.Connections : 1))
        {
            var length = (int)Math.Min(_options.SegmentSize, _size - _next);
            var buffer = _free.TryPop(out var free) ? free : GC.AllocateUninitializedArray<byte>((int)Math.Min(_options.SegmentSize, _size));
            _pending.Enqueue((FetchAsync(_next, buffer.AsMemory(0, length)), buffer, length));
            _next += length;
        }
    }

    private Task FetchAsync(long offset, Memory<byte> buffer) => Task.Run(
        () => _fetcher.FillAsync(_source, offset, buffer, count => _progress(Interlocked.Add(ref _received, count)), _stop.Token),
        _stop.Token);
}
