using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Export.GenAi;

/// <summary>A model that cannot be converted.</summary>
/// <param name="message">Names the key, tensor or option that stands in the way.</param>
/// <param name="innerException">The cause, or null.</param>
public sealed class ConversionException(string message, Exception? innerException = null)
    : ModelRunnerException("conversion_failed", message, innerException);
