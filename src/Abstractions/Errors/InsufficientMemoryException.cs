namespace ModelRunner.Abstractions.Errors;

/// <summary>The machine has too little memory for a load.</summary>
/// <param name="message">Has the numbers.</param>
/// <param name="innerException">The cause, or null.</param>
public sealed class InsufficientMemoryException(string message, Exception? innerException = null)
    : ModelRunnerException("insufficient_memory", message, innerException)
{
    /// <summary>Whether it would not fit alone either, so that waiting for the end of others is in vain.</summary>
    public bool IsPermanent { get; init; }
}
