using ModelRunner.Abstractions.Errors;
using ModelRunner.Server.Errors;
using ModelRunner.Server.Metrics;
using ModelRunner.Server.Options;

namespace ModelRunner.Server.Streaming;

/// <summary>Sends the updates of an answer as events, at the pace at which they come and the client reads.</summary>
internal sealed class SseSender(
    ServerOptions options,
    TimeProvider time,
    ServerMetrics metrics,
    ILogger<SseSender> logger)
{
    // Updates that are there already go out together; this bounds what waits, and so the time to a reader.
    private const int MaxUnflushedBytes = 16 * 1024;

    /// <summary>
    /// Runs the stream to its end. Throws only before anything was sent; an error after that is an event, and a
    /// client that went away ends the enumeration.
    /// </summary>
    public async Task RunAsync<TUpdate>(
        HttpContext context,
        Func<CancellationToken, IAsyncEnumerable<TUpdate>> generate,
        IChunkWriter<TUpdate> chunks) where TUpdate : struct
    {
        var aborted = context.RequestAborted;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        await using var sse = new SseWriter(context.Response, options, time, metrics, logger);
        try
        {
            await PumpAsync(generate(stop.Token), chunks, sse, stop);
        }
        catch (Exception exception) when (sse.HasStarted)
        {
            // Set by the abort, or by a write that failed: nobody reads an error.
            if (stop.IsCancellationRequested) return;
            var error = ApiErrors.From(exception);
            if (error.IsInternal) Log.StreamFailed(logger, exception, context.TraceIdentifier);
            sse.WriteError(error.Body);
            await sse.FlushAsync(aborted);
        }
    }

    /// <remarks>
    /// <list type="number">
    /// <item>Ask for the next update. What admission refuses is thrown here, while the status is still open.</item>
    /// <item>Where it is not there at once, send what has gathered; before the first one, the headers: the request has
    /// been admitted then, and the prefill runs.</item>
    /// <item>Wait for it and write its events.</item>
    /// </list>
    /// </remarks>
    private static async Task PumpAsync<TUpdate>(
        IAsyncEnumerable<TUpdate> updates,
        IChunkWriter<TUpdate> chunks,
        SseWriter sse,
        CancellationTokenSource stop) where TUpdate : struct
    {
        await using var enumerator = updates.GetAsyncEnumerator(stop.Token);
        var hasUpdates = false;
        while (true)
        {
            // Step 1
            var move = enumerator.MoveNextAsync();

            // Step 2
            if (move.IsCompleted ? sse.Buffer.Length >= MaxUnflushedBytes : sse.Buffer.Length > 0 || !sse.HasStarted)
            {
                try
                {
                    await sse.FlushAsync(stop.Token);
                }
                catch
                {
                    // The enumerator may not be disposed while a move is under way: end it first.
                    await stop.CancelAsync();
                    await move.AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
                    throw;
                }
            }

            // Step 3
            if (!await move) break;
            if (!hasUpdates) chunks.Begin(sse.Buffer);
            hasUpdates = true;
            chunks.Write(sse.Buffer, enumerator.Current);
        }

        if (!hasUpdates) throw new GenerationException(GenerationException.DecodeFailed, "The model gave no answer.");
        chunks.End(sse.Buffer);
        sse.WriteDone();
        await sse.FlushAsync(stop.Token);
    }
}
