namespace ModelRunner.Abstractions.Errors;

/// <summary>The request asks for what cannot be done: the client's mistake.</summary>
/// <param name="message">Says what is wrong and what would be right.</param>
/// <param name="parameter">The field at fault, as the client wrote it; null when it is the whole.</param>
/// <param name="code">A more exact code where OpenAI has one, for example <c>context_length_exceeded</c>.</param>
public sealed class InvalidRequestException(
    string message,
    string? parameter = null,
    string code = InvalidRequestException.DefaultCode)
    : ModelRunnerException(code, message)
{
    /// <summary>The code when there is no more exact one.</summary>
    public const string DefaultCode = "invalid_value";

    /// <summary>OpenAI's code for a prompt that does not fit.</summary>
    public const string ContextLengthExceeded = "context_length_exceeded";

    /// <summary>The field at fault, as the client wrote it; null when it is the whole.</summary>
    public string? Parameter { get; } = parameter;
}
