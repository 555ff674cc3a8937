namespace ModelRunner.Abstractions.Errors;

/// <summary>The queue is full: the same request may succeed later.</summary>
/// <param name="message">Says which bound was met.</param>
/// <param name="retryAfter">When to try again.</param>
public sealed class ServerBusyException(string message, TimeSpan retryAfter)
    : ModelRunnerException("server_busy", message)
{
    /// <summary>When to try again.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
