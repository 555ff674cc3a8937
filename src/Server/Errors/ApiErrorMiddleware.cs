using ModelRunner.Server.Metrics;

namespace ModelRunner.Server.Errors;

/// <summary>Names, counts and logs every request, and turns every failure that has not been told yet into OpenAI's error body.</summary>
internal sealed class ApiErrorMiddleware(
    RequestDelegate next,
    ServerMetrics metrics,
    RefusalLog refusals,
    TimeProvider time,
    ILogger<ApiErrorMiddleware> logger)
{
    public const string RequestIdHeader = "x-request-id";

    public async Task InvokeAsync(HttpContext context)
    {
        context.TraceIdentifier = $"req_{Guid.NewGuid():N}";
        context.Response.Headers[RequestIdHeader] = context.TraceIdentifier;
        var started = time.GetTimestamp();
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null })
                await new ErrorResponse(ApiErrors.FromStatus(context.Response.StatusCode)).SendAsync(context);
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
            await new ErrorResponse(error).SendAsync(context);
        }
        finally
        {
            metrics.CountRequest(context);
            LogAnswer(context, time.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private void LogAnswer(HttpContext context, double milliseconds)
    {
        var status = context.Response.StatusCode;
        var isRefused = status == StatusCodes.Status429TooManyRequests;
        if (isRefused) refusals.Add();
        var level = isRefused ? LogLevel.Debug : LogLevel.Information;
        var path = context.Request.Path.Value;
        Log.Answered(logger, level, context.Request.Method, path, status, milliseconds, context.TraceIdentifier);
    }
}
