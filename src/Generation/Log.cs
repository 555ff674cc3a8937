using Microsoft.Extensions.Logging;

namespace ModelRunner.Generation;

/// <summary>Log messages of this project; event ids 200 to 299. Never a prompt, never an output.</summary>
internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Information, "Loaded {Model}: {Sequences} sequences of {Length} tokens")]
    public static partial void Loaded(ILogger logger, string model, int sequences, int length);

    [LoggerMessage(201, LogLevel.Critical, "The loop of {Model} died")]
    public static partial void LoopDied(ILogger logger, Exception exception, string model);

    [LoggerMessage(202, LogLevel.Error, "The session of {Model} is lost and no other could be made")]
    public static partial void SessionLost(ILogger logger, string model);

    [LoggerMessage(203, LogLevel.Warning, "The response template of {Model} cannot be read and is not used: {Reason}")]
    public static partial void ResponseTemplateIgnored(ILogger logger, string model, string reason);
}
