using System.IO.Pipelines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Server.Errors;

namespace ModelRunner.Server.Streaming;

/// <summary>Sends the updates of an answer as events, at the pace at which they come and the client reads.</summary>
internal static class SseStream
{
    // Updates that are there already go out together; this bounds what waits, and so the time to a reader.
    private const int MaxUnflushedBytes = 16 * 1024;

    /// <summary>
    /// Runs the stream to its end. Throws only before anything was sent; an error after that is an event, and a
    /// client that went away ends the enumeration.
    /// </summary>
    public static async Task RunAsync<TUpdate>(
        HttpContext context,
        Func<CancellationToken, IAsyncEnumerable<TUpdate>> generate,
        IChunkWriter<TUpdate> chunks,
        ILogger logger) where TUpdate : struct
    {
        var aborted = context.RequestAborted;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        using var sse = new SseWriter(context.Response);
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

    private static async Task PumpAsync<TUpdate>(
        IAsyncEnumerable<TUpdate> updates,
        IChunkWriter<TUpdate> chunks,
        SseWriter sse,
        CancellationTokenSource stop) where TUpdate : struct
    {
        await using var enumerator = updates.GetAsyncEnumerator(stop.Token);

        // What admission refuses comes with the first update, while the status is still open.
        if (!await enumerator.MoveNextAsync())
            throw new GenerationException(GenerationException.DecodeFailed, "The model gave no answer.");

        sse.Start();
        chunks.Begin(sse.Buffer);
        while (true)
        {
            chunks.Write(sse.Buffer, enumerator.Current);
            var move = enumerator.MoveNextAsync();
            if (sse.Buffer.Length > 0 && (!move.IsCompleted || sse.Buffer.Length >= MaxUnflushedBytes))
            {
                try
                {
                    ThrowIfClosed(await sse.FlushAsync(stop.Token));
                }
                catch
                {
                    // The enumerator may not be disposed while a move is under way: end it first.
                    await stop.CancelAsync();
                    await move.AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
                    throw;
                }
            }

            if (!await move) break;
        }

        chunks.End(sse.Buffer);
        sse.WriteDone();
        await sse.FlushAsync(stop.Token);
    }

    private static void ThrowIfClosed(FlushResult result)
    {
        if (result.IsCompleted || result.IsCanceled) throw new OperationCanceledException("The client closed the connection.");
    }
}
