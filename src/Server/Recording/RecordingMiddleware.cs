using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using ModelRunner.Server.Endpoints;
using ModelRunner.Server.Errors;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.Dmr;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Recording;

/// <summary>Keeps the bodies of the calls that compute, and of their answers. Part of the server only where that was asked for.</summary>
internal sealed class RecordingMiddleware(RequestDelegate next, RequestJournal journal, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!ApiPaths.IsModelCall(context.Request))
        {
            await next(context);
            return;
        }

        var came = time.GetUtcNow().ToUnixTimeSeconds();
        var request = new RecordedBody(context.Request.Body);
        var outer = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var answer = new RecordedBody(outer.Stream);
        var inner = new StreamResponseBodyFeature(answer, outer);
        context.Request.Body = request;
        context.Features.Set<IHttpResponseBodyFeature>(inner);
        ApiError? error = null;
        try
        {
            await next(context);
            await inner.CompleteAsync();
        }
        catch (Exception exception)
        {
            error = ApiErrors.From(exception);
            throw;
        }
        finally
        {
            context.Features.Set(outer);
            Add(context, came, request, answer, error);
        }
    }

    private void Add(HttpContext context, long came, RecordedBody request, RecordedBody answer, ApiError? error)
    {
        // What names no model is no request to one.
        if (FindModel(request.Kept) is not { } model) return;
        var status = error?.Status ?? context.Response.StatusCode;
        var isGone = context.RequestAborted.IsCancellationRequested;
        journal.Add(new RecordedRequest(
            context.TraceIdentifier,
            model,
            context.Request.Method,
            context.Request.Path,
            request.ToString(),
            error is null || isGone ? answer.ToString() : null,
            error is null || isGone ? null : JsonSerializer.Serialize(error.Body, OpenAiJson.Relaxed.ErrorBody),
            came,
            isGone ? StatusCodes.Status499ClientClosedRequest : status,
            context.Request.Headers.UserAgent is [{ Length: > 0 } agent] ? agent : null));
    }

    /// <summary>The first field <c>model</c> of a JSON object, or of the beginning of one.</summary>
    private static string? FindModel(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("model"u8))
                    return reader.Read() && reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 and <= Bounds.MaxNameLength } name
                        ? name
                        : null;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or a name that is no Unicode: refused already.
        }

        return null;
    }
}
