using Microsoft.ML.OnnxRuntime;
using ModelRunner.Engines.Onnx.Config;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>Makes the options of an ONNX Runtime session.</summary>
internal static class SessionSettings
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    private const string ExternalFolder = "session.model_external_initializers_file_folder_path";

    /// <summary>What changes the graph that a session makes of a file.</summary>
    public static string Describe(GenAiConfig? config) =>
        $"{LevelOf(config)} {string.Join(' ', (config?.SessionEntries ?? None).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}"))}";

    /// <param name="config">What the folder says; null for nothing.</param>
    /// <param name="modelFolder">Where external data lies; null for beside the file that is opened.</param>
    /// <param name="threadCount">Compute threads; 0 for those of the pool that all models share. Another number than that is a pool of its own.</param>
    public static OrtSessionOptions Create(GenAiConfig? config, string? modelFolder, int threadCount)
    {
        var options = new OrtSessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = LevelOf(config),
        };
        if (threadCount > 0 && threadCount != OnnxLibrary.ThreadCount)
        {
            options.IntraOpNumThreads = threadCount;
            options.InterOpNumThreads = 1;
            // Between steps other models compute: whoever spins then takes their cores.
            options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        }
        else
        {
            options.DisablePerSessionThreads();
        }

        foreach (var (key, value) in config?.SessionEntries ?? None)
            options.AddSessionConfigEntry(key, value);
        if (modelFolder is not null)
            options.AddSessionConfigEntry(ExternalFolder, modelFolder);
        return options;
    }

    private static GraphOptimizationLevel LevelOf(GenAiConfig? config) => config?.OptimizationLevel switch
    {
        "ORT_DISABLE_ALL" or "0" => GraphOptimizationLevel.ORT_DISABLE_ALL,
        "ORT_ENABLE_BASIC" or "1" => GraphOptimizationLevel.ORT_ENABLE_BASIC,
        "ORT_ENABLE_EXTENDED" or "2" => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
        _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
    };
}
