namespace ModelRunner.Abstractions.Errors;

/// <summary>The files of a model are broken, or of a kind that the engine does not run.</summary>
/// <param name="message">Says what is wrong with which file.</param>
/// <param name="innerException">The cause, or null.</param>
public sealed class ModelLoadException(string message, Exception? innerException = null)
    : ModelRunnerException("model_load_failed", message, innerException);
