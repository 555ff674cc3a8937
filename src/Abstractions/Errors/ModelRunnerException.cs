namespace ModelRunner.Abstractions.Errors;

/// <summary>An expected failure with a stable code, which one table maps to an HTTP status.</summary>
/// <param name="code">Stable, lower case with underscores.</param>
/// <param name="message">For the person who made the request: names the culprit.</param>
/// <param name="innerException">The cause, or null.</param>
public abstract class ModelRunnerException(string code, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Stable, lower case with underscores.</summary>
    public string Code { get; } = code;
}
