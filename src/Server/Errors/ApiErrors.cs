using System.Collections.Frozen;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.Server.Security;
using ModelRunner.Wire.OpenAi;
using InsufficientMemoryException = ModelRunner.Abstractions.Errors.InsufficientMemoryException;

namespace ModelRunner.Server.Errors;

/// <summary>
/// The one table from error codes to HTTP. OpenAI's SDKs retry 408, 409, 429 and 5xx unless
/// <c>x-should-retry</c> says otherwise: it says no where the next attempt meets the same files and library.
/// </summary>
internal static class ApiErrors
{
    public const string InvalidRequest = "invalid_request_error";
    public const string ServerError = "server_error";

    // What is unavailable changes when others unload, or another server takes over.
    private static readonly TimeSpan UnavailableRetryAfter = TimeSpan.FromSeconds(2);

    private static readonly FrozenDictionary<string, Row> Table = new Dictionary<string, Row>
    {
        [AccessDeniedException.InvalidKey] = new(401, "authentication_error"),
        [AccessDeniedException.WrongHost] = new(403, "permission_error"),
        [AccessDeniedException.NotRecorded] = new(403, "permission_error"),
        [AccessDeniedException.WrongOrigin] = new(403, "permission_error"),
        [InvalidRequestException.DefaultCode] = new(400, InvalidRequest),
        [InvalidRequestException.ContextLengthExceeded] = new(400, InvalidRequest),
        ["model_not_found"] = new(404, InvalidRequest),
        ["server_busy"] = new(429, "rate_limit_error"),
        [GenerationException.SlowReader] = new(408, InvalidRequest, ShouldRetry: false),
        ["model_load_failed"] = new(500, ServerError, ShouldRetry: false),
        [GenerationException.DecodeFailed] = new(500, ServerError),
        ["engine_unavailable"] = new(503, ServerError, ShouldRetry: false),
        ["insufficient_memory"] = new(503, ServerError),
        [GenerationException.ModelUnloaded] = new(503, ServerError),
        ["not_ready"] = new(503, ServerError),
        [StoreException.Conflict] = new(409, InvalidRequest, ShouldRetry: false),
        [StoreException.Unsupported] = new(422, InvalidRequest),
        [StoreException.Broken] = new(500, ServerError, ShouldRetry: false),
        [StoreException.InsufficientStorage] = new(507, ServerError, ShouldRetry: false),
        [StoreException.Unavailable] = new(503, ServerError, ShouldRetry: false),
        [TransferException.Unauthorized] = new(401, "authentication_error"),
        [TransferException.Unavailable] = new(502, ServerError),
        [TransferException.Corrupt] = new(502, ServerError),
        [TransferException.AddressRefused] = new(400, InvalidRequest),
    }.ToFrozenDictionary();

    /// <summary>The codes that the table knows.</summary>
    public static IEnumerable<string> Codes => Table.Keys;

    public static ApiError From(Exception exception) => exception switch
    {
        ModelRunnerException known => From(known),
        BadHttpRequestException bad => FromStatus(bad.StatusCode),

        // No details: they may hold paths, prompts or native text.
        _ => Create(500, ServerError, "The server failed. Its log says more, under the x-request-id.", null, "internal_error"),
    };

    /// <summary>An error that has nothing but its status, from routing or the HTTP layer.</summary>
    public static ApiError FromStatus(int status) => status switch
    {
        404 => Create(404, InvalidRequest, "There is no such address.", null, "unknown_url"),
        405 => Create(405, InvalidRequest, "This address does not take this HTTP method.", null, "method_not_allowed"),
        408 => Create(408, InvalidRequest, "The request came too slowly.", null, "request_timeout"),
        413 => Create(413, InvalidRequest, "The body is too large.", null, "request_too_large"),
        >= 500 => Create(status, ServerError, "The server failed.", null, "internal_error"),
        _ => Create(status, InvalidRequest, "The request is not valid HTTP for this address.", null, "bad_request"),
    };

    private static ApiError From(ModelRunnerException exception)
    {
        var row = Table.GetValueOrDefault(exception.Code) ?? new Row(500, ServerError);
        var parameter = exception switch
        {
            InvalidRequestException invalid => invalid.Parameter,
            ModelNotFoundException => "model",
            _ => null,
        };
        var shouldRetry = exception is InsufficientMemoryException { IsPermanent: true } ? false : row.ShouldRetry;
        return Create(row.Status, row.Type, exception.Message, parameter, exception.Code) with
        {
            RetryAfter = (exception as ServerBusyException)?.RetryAfter
                ?? (row.Status == 503 && shouldRetry is null ? UnavailableRetryAfter : null),
            ShouldRetry = shouldRetry,
        };
    }

    private static ApiError Create(int status, string type, string message, string? parameter, string code) =>
        new(status, new ErrorBody(new ErrorDetail(message, type, parameter, code)));

    private sealed record Row(int Status, string Type, bool? ShouldRetry = null);
}
