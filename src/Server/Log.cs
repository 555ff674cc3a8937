namespace ModelRunner.Server;

internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Information, "ModelRunner {Version} listens on {Addresses}, engines: {Engines}")]
    public static partial void Started(ILogger logger, string version, string addresses, string engines);

    [LoggerMessage(201, LogLevel.Error, "Request {RequestId} failed")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string requestId);

    [LoggerMessage(202, LogLevel.Error, "The stream of request {RequestId} failed after its start")]
    public static partial void StreamFailed(ILogger logger, Exception exception, string requestId);

    [LoggerMessage(203, LogLevel.Debug, "The client of request {RequestId} went away ({Reason})")]
    public static partial void ClientGone(ILogger logger, string reason, string requestId);

    [LoggerMessage(204, LogLevel.Information, "Trying the files of {Model} on {Engine} in a child process")]
    public static partial void Probing(ILogger logger, string model, string engine);

    [LoggerMessage(205, LogLevel.Warning, "Could not keep the verdict of a trial run in {Path}")]
    public static partial void VerdictNotKept(ILogger logger, Exception exception, string path);

    [LoggerMessage(EventId = 206, Message = "{Method} {Path} answered {Status} in {Milliseconds:F1} ms, request {RequestId}")]
    public static partial void Answered(
        ILogger logger, LogLevel level, string method, string? path, int status, double milliseconds, string requestId);

    [LoggerMessage(207, LogLevel.Information, "Stopping: {Count} requests may go on for {Time}")]
    public static partial void Draining(ILogger logger, int count, TimeSpan time);

    [LoggerMessage(208, LogLevel.Warning, "Stopping now: {Count} requests are ended with an error")]
    public static partial void DrainEnded(ILogger logger, int count);

    [LoggerMessage(209, LogLevel.Warning, "A transfer failed")]
    public static partial void TransferFailed(ILogger logger, Exception exception);

    [LoggerMessage(210, LogLevel.Information, "Collected {Bytes} bytes that no model names")]
    public static partial void Collected(ILogger logger, long bytes);

    [LoggerMessage(211, LogLevel.Warning, "The store at {Folder} could not be cleaned")]
    public static partial void CollectFailed(ILogger logger, Exception exception, string folder);

    [LoggerMessage(212, LogLevel.Warning, "{Model} was configured, and could not be loaded ahead")]
    public static partial void PreloadFailed(ILogger logger, Exception exception, string model);

    [LoggerMessage(213, LogLevel.Information, "The client of request {RequestId} read nothing for {Time}: its connection is closed")]
    public static partial void SlowReader(ILogger logger, TimeSpan time, string requestId);

    [LoggerMessage(214, LogLevel.Warning, "Models cannot be pulled, changed or removed. {Reason}")]
    public static partial void StoreUnavailable(ILogger logger, string reason);

    [LoggerMessage(215, LogLevel.Warning, "{Count} requests were refused within a second, since the server was busy")]
    public static partial void Refused(ILogger logger, int count);
}
