namespace ModelRunner.Abstractions.Errors;

/// <summary>The engine cannot run on this machine as it is.</summary>
/// <param name="message">Says why, and what mends it.</param>
/// <param name="innerException">The cause, or null.</param>
public sealed class EngineUnavailableException(string message, Exception? innerException = null)
    : ModelRunnerException("engine_unavailable", message, innerException);
