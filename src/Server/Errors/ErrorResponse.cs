using System.Globalization;
using System.Text.Json;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Errors;

/// <summary>An error with its headers and its body written out, ready for any number of requests.</summary>
internal sealed class ErrorResponse
{
    // Some SDKs wait for whatever they are told.
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromSeconds(5);

    private readonly int _status;
    private readonly byte[] _body;
    private readonly string? _retryAfter;
    private readonly string? _retryAfterMs;
    private readonly string? _shouldRetry;

    public ErrorResponse(ApiError error)
    {
        _status = error.Status;
        _body = JsonSerializer.SerializeToUtf8Bytes(error.Body, OpenAiJson.Relaxed.ErrorBody);
        if (error.RetryAfter is { } wanted)
        {
            var delay = wanted < MaxRetryAfter ? wanted : MaxRetryAfter;
            _retryAfter = Format(Math.Ceiling(delay.TotalSeconds));
            _retryAfterMs = Format(Math.Ceiling(delay.TotalMilliseconds));
        }

        if (error.ShouldRetry is { } shouldRetry) _shouldRetry = shouldRetry ? "true" : "false";
    }

    /// <summary>Answers with it, in place of what has gathered of another answer.</summary>
    public async Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        var allowed = response.Headers.Allow;
        response.Clear();
        response.StatusCode = _status;
        var headers = response.Headers;
        headers[ApiErrorMiddleware.RequestIdHeader] = context.TraceIdentifier;
        if (allowed.Count > 0) headers.Allow = allowed;
        if (_retryAfter is not null) headers.RetryAfter = _retryAfter;
        if (_retryAfterMs is not null) headers["retry-after-ms"] = _retryAfterMs;
        if (_shouldRetry is not null) headers["x-should-retry"] = _shouldRetry;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = _body.Length;
        await response.Body.WriteAsync(_body, context.RequestAborted);
    }

    private static string Format(double value) => value.ToString(CultureInfo.InvariantCulture);
}
