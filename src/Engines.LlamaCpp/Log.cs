using Microsoft.Extensions.Logging;

namespace ModelRunner.Engines.LlamaCpp;

/// <summary>Log messages of this project; event ids 300 to 399.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 300, Message = "llama.cpp: {Line}")]
    public static partial void Native(ILogger logger, LogLevel level, string line);
}
