namespace ModelRunner.ModelStore.Transfer;

/// <summary>Reads ranges of a source, and tries again where a connection fails. Thread-safe.</summary>
internal sealed class BlobFetcher(TransferOptions options, TimeProvider time)
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(10);

    /// <summary>Fills the buffer with the bytes from an offset on. What a failed try brought is kept.</summary>
    /// <exception cref="RangesIgnoredException">The source begins elsewhere.</exception>
    /// <exception cref="TransferException">It fails again and again.</exception>
    public async Task FillAsync(IBlobSource source, long offset, Memory<byte> buffer, Action<int> received, CancellationToken cancellationToken)
    {
        var filled = 0;
        await RetryAsync(
            async stop =>
            {
                await using var stream = await source.OpenAsync(offset + filled, buffer.Length - filled, stop.Token);
                if (stream.Offset != offset + filled) throw new RangesIgnoredException();
                while (filled < buffer.Length)
                {
                    var count = await ReadAsync(stream, buffer[filled..], stop);
                    filled += count;
                    received(count);
                    stop.Progress();
                }

                return true;
            },
            cancellationToken);
    }

    /// <summary>Reads the source from an offset to the end in one request, for sources without ranges.</summary>
    public async Task StreamAsync(
        IBlobSource source,
        Func<long> getOffset,
        long size,
        Action<ReadOnlyMemory<byte>> append,
        CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 18];
        await RetryAsync(
            async stop =>
            {
                await using var stream = await source.OpenAsync(getOffset(), size - getOffset(), stop.Token);
                for (var position = stream.Offset; position < size;)
                {
                    var count = await ReadAsync(stream, buffer.AsMemory(0, (int)Math.Min(buffer.Length, size - position)), stop);
                    var known = (int)Math.Clamp(getOffset() - position, 0, count);
                    position += count;
                    if (known == count) continue;
                    append(buffer.AsMemory(known, count - known));
                    stop.Progress();
                }

                return true;
            },
            cancellationToken);
    }

    /// <summary>Runs a call, and again after a pause where it fails in a way that may pass.</summary>
    public async Task<T> RetryAsync<T>(Func<Attempt, Task<T>> call, CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            using var attempt = new Attempt(options.StallTime, time, cancellationToken);
            TimeSpan? asked;
            try
            {
                return await call(attempt);
            }
            catch (Exception exception) when (
                exception is IOException or HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // A try that brought something is no failure in a row.
                failures = attempt.HasProgress ? 1 : failures + 1;
                if (failures > options.MaxRetries)
                    throw new TransferException(TransferException.Unavailable, $"The transfer failed again and again: {Describe(exception)}", exception);
                asked = (exception as RetryAfterException)?.Pause;
            }

            var pause = options.RetryPause * Math.Pow(2, failures - 1);
            if (asked > pause) pause = asked.Value;
            await Task.Delay(pause < MaxPause ? pause : MaxPause, time, cancellationToken);
        }
    }

    private static string Describe(Exception exception) =>
        exception is OperationCanceledException ? "nothing came for too long." : exception.Message;

    private static async Task<int> ReadAsync(BlobStream stream, Memory<byte> buffer, Attempt stop)
    {
        stop.Wait();
        var count = await stream.Content.ReadAsync(buffer, stop.Token);
        return count > 0 ? count : throw new EndOfStreamException("The connection ended early.");
    }
}
