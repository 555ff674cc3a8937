namespace ModelRunner.Abstractions.Errors;

/// <summary>No model or engine of that name.</summary>
/// <param name="message">Names it.</param>
public sealed class ModelNotFoundException(string message) : ModelRunnerException("model_not_found", message);
