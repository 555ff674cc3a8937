using Microsoft.Extensions.Logging;

namespace ModelRunner.Runtime;

internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "Loading {Model} on {Engine}")]
    public static partial void Loading(ILogger logger, string model, string engine);

    [LoggerMessage(101, LogLevel.Information, "Loaded {Model} on {Engine} in {Seconds:F1} s")]
    public static partial void Loaded(ILogger logger, string model, string engine, double seconds);

    [LoggerMessage(102, LogLevel.Warning, "Could not load {Model} on {Engine}")]
    public static partial void LoadFailed(ILogger logger, Exception exception, string model, string engine);
}
