using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Streaming;

/// <summary>
/// The server-sent events of one response, in OpenAI's form: <c>data:</c> lines only, ended by <c>[DONE]</c>.
/// Events gather in <see cref="Buffer"/> until <see cref="FlushAsync"/>.
/// </summary>
internal sealed class SseWriter(HttpResponse response) : IDisposable
{
    /// <summary>What is to be sent. Whoever appends writes whole events.</summary>
    public Utf8Buffer Buffer { get; } = new();

    /// <summary>Whether the status and headers are decided: from then on an error is an event.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Decides for a successful stream.</summary>
    public void Start()
    {
        HasStarted = true;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";

        // nginx gathers a proxied response otherwise.
        response.Headers["X-Accel-Buffering"] = "no";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    public void WriteDone() => Buffer.Append("data: [DONE]\n\n"u8);

    public void WriteError(ErrorBody error)
    {
        Buffer.Append("data: "u8);
        Buffer.Append(JsonSerializer.SerializeToUtf8Bytes(error, OpenAiJson.Relaxed.ErrorBody));
        Buffer.Append("\n\n"u8);
    }

    // Not async: a state machine that is suspended would be an allocation for each event.
    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
    {
        response.BodyWriter.Write(Buffer.Written);
        Buffer.Clear();
        return response.BodyWriter.FlushAsync(cancellationToken);
    }

    public void Dispose() => Buffer.Dispose();
}
