namespace ModelRunner.Abstractions.Errors;

/// <summary>The engine failed while it generated: not the client's mistake.</summary>
/// <param name="code">One of the constants of this class.</param>
/// <param name="message">For the client; holds no native text.</param>
/// <param name="innerException">The cause, or null.</param>
public sealed class GenerationException(string code, string message, Exception? innerException = null)
    : ModelRunnerException(code, message, innerException)
{
    /// <summary>A decode step failed.</summary>
    public const string DecodeFailed = "decode_failed";

    /// <summary>The model was unloaded, or the server is going down.</summary>
    public const string ModelUnloaded = "model_unloaded";

    /// <summary>The client read nothing for too long.</summary>
    public const string SlowReader = "slow_reader";
}
