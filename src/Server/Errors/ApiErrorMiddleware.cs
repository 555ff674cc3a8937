using System.Globalization;
using System.Text.Json;
using ModelRunner.Server.Metrics;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Errors;

/// <summary>Names, counts and logs every request, and turns every failure that has not been told yet into OpenAI's error body.</summary>
internal sealed class ApiErrorMiddleware(
    RequestDelegate next,
    ServerMetrics metrics,
    TimeProvider time,
    ILogger<ApiErrorMiddleware> logger)
{
    public const string RequestIdHeader = "x-request-id";

    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromSeconds(5);

    public async Task InvokeAsync(HttpContext context)
    {
        context.TraceIdentifier = $"req_{Guid.NewGuid():N}";
        context.Response.Headers[RequestIdHeader] = context.TraceIdentifier;
        var started = time.GetTimestamp();
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null })
                await WriteAsync(context, ApiErrors.FromStatus(context.Response.StatusCode));
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody reads an answer; the status is for the log of a proxy (nginx's "client closed request").
            Log.ClientGone(logger, exception.GetType().Name, context.TraceIdentifier);
            if (!context.Response.HasStarted) context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            var error = ApiErrors.From(exception);
            if (error.IsInternal) Log.RequestFailed(logger, exception, context.TraceIdentifier);
            await WriteAsync(context, error);
        }
        finally
        {
            metrics.CountRequest(context);
            var request = context.Request;
            Log.Answered(
                logger,
                request.Method,
                request.Path,
                context.Response.StatusCode,
                time.GetElapsedTime(started).TotalMilliseconds,
                context.TraceIdentifier);
        }
    }

    private static async Task WriteAsync(HttpContext context, ApiError error)
    {
        var response = context.Response;
        var allowed = response.Headers.Allow;
        response.Clear();
        response.StatusCode = error.Status;
        response.Headers[RequestIdHeader] = context.TraceIdentifier;
        if (allowed.Count > 0) response.Headers.Allow = allowed;
        if (error.RetryAfter is { } wanted)
        {
            // Some SDKs wait for whatever they are told.
            var delay = wanted < MaxRetryAfter ? wanted : MaxRetryAfter;
            response.Headers.RetryAfter = Format(Math.Ceiling(delay.TotalSeconds));
            response.Headers["retry-after-ms"] = Format(Math.Ceiling(delay.TotalMilliseconds));
        }

        if (error.ShouldRetry is { } shouldRetry) response.Headers["x-should-retry"] = shouldRetry ? "true" : "false";
        response.ContentType = "application/json; charset=utf-8";
        var body = JsonSerializer.SerializeToUtf8Bytes(error.Body, OpenAiJson.Relaxed.ErrorBody);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static string Format(double value) => value.ToString(CultureInfo.InvariantCulture);
}
