using System.Net;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Http;

/// <summary>The error that an HTTP status stands for.</summary>
internal static class HttpFailure
{
    /// <summary>What to throw for a response that is no success; a retry may mend it where it is an <see cref="HttpRequestException"/>.</summary>
    public static Exception Of(HttpResponseMessage response, string what)
    {
        var host = response.RequestMessage?.RequestUri?.Host;
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => new ModelNotFoundException($"'{host}' has no {what}."),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new TransferException(
                TransferException.Unauthorized,
                $"'{host}' does not give {what} to these credentials. It may be private, gated, or not exist: log in, or give a token."),
            HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError =>
                new RetryAfterException($"'{host}' answers {(int)response.StatusCode}.", response.Headers.RetryAfter?.Delta),
            _ => new TransferException(TransferException.Unavailable, $"'{host}' answers {(int)response.StatusCode} for {what}."),
        };
    }
}
