using Microsoft.Extensions.Logging;

namespace ModelRunner.Engines.Onnx;

/// <summary>Log messages of this project; event ids 400 to 499.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 400, Level = LogLevel.Warning, Message = "'{Model}' asks for {Provider}, which cannot be used here ({Reason}): it computes without")]
    public static partial void ProviderMissing(ILogger logger, string model, string provider, string reason);

    [LoggerMessage(EventId = 402, Level = LogLevel.Warning, Message = "'{Model}': its packed weights cannot be kept or opened ({Reason}): they are packed in memory")]
    public static partial void NotPacked(ILogger logger, string model, string reason);

    [LoggerMessage(EventId = 403, Level = LogLevel.Information, Message = "'{Model}' sets {Settings} of {Provider}, which a folder may not: that is ignored")]
    public static partial void SettingsIgnored(ILogger logger, string model, string provider, string settings);

    [LoggerMessage(EventId = 401, Level = LogLevel.Information, Message = "'{Model}': KV cache {Kv}, batches {Batches}, prompts {Prompts}, logits {Logits}")]
    public static partial void Abilities(ILogger logger, string model, string kv, string batches, string prompts, string logits);
}
