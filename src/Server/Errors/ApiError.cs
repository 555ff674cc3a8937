using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Errors;

/// <summary>An error as it goes out.</summary>
/// <param name="Status">The HTTP status, where it is still open.</param>
/// <param name="Body">OpenAI's body.</param>
/// <param name="RetryAfter">When the same request may succeed; null when not known.</param>
/// <param name="ShouldRetry">What OpenAI's SDKs are told against their rule by status; null leaves it to them.</param>
internal sealed record ApiError(int Status, ErrorBody Body, TimeSpan? RetryAfter = null, bool? ShouldRetry = null)
{
    /// <summary>Whether the fault is the server's, and belongs into the log.</summary>
    public bool IsInternal => Status == StatusCodes.Status500InternalServerError;
}
