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

    [LoggerMessage(103, LogLevel.Information, "Unloading {Model}, which was idle for {KeepAlive}")]
    public static partial void UnloadingIdle(ILogger logger, string model, TimeSpan keepAlive);

    [LoggerMessage(104, LogLevel.Information, "Evicting {Model}, which is idle, to make room for {Other}")]
    public static partial void Evicting(ILogger logger, string model, string other);

    [LoggerMessage(105, LogLevel.Information, "Unloaded {Model} from {Engine}")]
    public static partial void Unloaded(ILogger logger, string model, string engine);

    [LoggerMessage(106, LogLevel.Error, "The disposal of {Model} on {Engine} failed")]
    public static partial void UnloadFailed(ILogger logger, Exception exception, string model, string engine);

    [LoggerMessage(107, LogLevel.Error, "{Model} on {Engine} makes no progress: it is loaded anew")]
    public static partial void Unhealthy(ILogger logger, string model, string engine);
}
