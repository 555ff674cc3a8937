using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using ModelRunner.Server.Metrics;
using ModelRunner.Server.Options;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Streaming;

/// <summary>
/// The server-sent events of one response, in OpenAI's form: <c>data:</c> lines only, ended by <c>[DONE]</c>.
/// Events gather in <see cref="Buffer"/> until <see cref="FlushAsync"/>. While nothing is sent, a comment goes out now
/// and then, which clients skip: proxies and idle timers take the connection for dead otherwise. A reader that takes
/// nothing for too long loses its connection, and so its place and its model.
/// </summary>
internal sealed class SseWriter : IAsyncDisposable
{
    private readonly HttpResponse _response;
    private readonly ServerMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeSpan _slowReaderTime;
    private readonly ITimer _keepAlive;

    // Armed while a write waits for the reader.
    private readonly ITimer _limit;

    // Whoever writes to the response holds it: the stream itself or the timer.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile bool _wasActive;
    private volatile bool _isBlocked;

    /// <param name="response">The response, not yet started.</param>
    /// <param name="options">
    /// The silence after which a comment is sent, at the latest after twice of it, and how long a reader may take nothing.
    /// </param>
    /// <param name="time">Clock of both.</param>
    /// <param name="metrics">Counts writes that wait for the reader.</param>
    /// <param name="logger">Learns of readers that are cut off.</param>
    public SseWriter(HttpResponse response, ServerOptions options, TimeProvider time, ServerMetrics metrics, ILogger logger)
    {
        _response = response;
        _metrics = metrics;
        _logger = logger;
        _slowReaderTime = options.SlowReaderTime;
        _limit = time.CreateTimer(static state => ((SseWriter)state!).CutOff(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _keepAlive = time.CreateTimer(static state => ((SseWriter)state!).KeepAlive(), this, options.StreamKeepAlive, options.StreamKeepAlive);
    }

    /// <summary>What is to be sent. Whoever appends writes whole events.</summary>
    public Utf8Buffer Buffer { get; } = new();

    /// <summary>Whether the status and headers are decided: from then on an error is an event.</summary>
    public bool HasStarted { get; private set; }

    public void WriteDone() => Buffer.Append("data: [DONE]\n\n"u8);

    public void WriteError(ErrorBody error)
    {
        Buffer.Append("data: "u8);
        Buffer.Append(JsonSerializer.SerializeToUtf8Bytes(error, OpenAiJson.Relaxed.ErrorBody));
        Buffer.Append("\n\n"u8);
    }

    /// <summary>Sends what has gathered, and before it the headers of a successful stream.</summary>
    /// <exception cref="OperationCanceledException">The client closed the connection.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            Start();
            _wasActive = true;
            _response.BodyWriter.Write(Buffer.Written);
            Buffer.Clear();
            await SendAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _keepAlive.DisposeAsync();

        // A comment may be on its way: the response may not end before it.
        await _gate.WaitAsync();

        // Whoever is being cut off now is: later it would be the connection's next request.
        await _limit.DisposeAsync();
        _gate.Dispose();
        Buffer.Dispose();
    }

    private void Start()
    {
        if (HasStarted) return;
        HasStarted = true;
        _response.StatusCode = StatusCodes.Status200OK;
        _response.ContentType = "text/event-stream; charset=utf-8";
        _response.Headers.CacheControl = "no-cache";

        // nginx gathers a proxied response otherwise.
        _response.Headers["X-Accel-Buffering"] = "no";
        _response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        var flush = _response.BodyWriter.FlushAsync(cancellationToken);
        if (flush.IsCompleted)
        {
            ThrowIfClosed(await flush);
            return;
        }

        _metrics.AddBlockedWrites(1);
        _isBlocked = true;
        _limit.Change(_slowReaderTime, Timeout.InfiniteTimeSpan);
        try
        {
            ThrowIfClosed(await flush);
        }
        finally
        {
            _isBlocked = false;
            _limit.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _metrics.AddBlockedWrites(-1);
        }
    }

    private void CutOff()
    {
        if (!_isBlocked) return;
        Log.SlowReader(_logger, _slowReaderTime, _response.HttpContext.TraceIdentifier);
        _response.HttpContext.Abort();
    }

    private void KeepAlive()
    {
        if (_wasActive)
            _wasActive = false;
        else if (HasStarted && _gate.Wait(0))
            _ = SendCommentAsync();
    }

    private async Task SendCommentAsync()
    {
        try
        {
            _response.BodyWriter.Write(": keep-alive\n\n"u8);
            await SendAsync(_response.HttpContext.RequestAborted);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The client is gone: the stream itself learns it by its own token, and ends.
        }
        finally
        {
            _gate.Release();
        }
    }

    private static void ThrowIfClosed(FlushResult result)
    {
        if (result.IsCompleted || result.IsCanceled) throw new OperationCanceledException("The client closed the connection.");
    }
}
