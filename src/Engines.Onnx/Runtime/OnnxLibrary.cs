using Microsoft.ML.OnnxRuntime;
using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>ONNX Runtime in this process: one environment with one thread pool for all models.</summary>
internal static class OnnxLibrary
{
    private const int MostThreads = 8;
    private static readonly Lock Gate = new();
    private static EngineStatus? status;

    /// <summary>Threads when nobody chooses.</summary>
    public static int DefaultThreadCount => Math.Clamp(Environment.ProcessorCount, 1, MostThreads);

    /// <summary>Threads of the pool that all models share; 0 before the library has started.</summary>
    public static int ThreadCount { get; private set; }

    /// <summary>Starts the library with the first caller's thread count; later ones find it started. Never throws.</summary>
    public static EngineStatus Start(int threadCount)
    {
        lock (Gate)
            return status ??= StartOnce(threadCount > 0 ? threadCount : DefaultThreadCount);
    }

    /// <summary>Execution providers of this build, by ONNX Runtime's names; empty when it is unavailable.</summary>
    public static IReadOnlyList<string> Providers { get; private set; } = [];

    private static EngineStatus StartOnce(int threadCount)
    {
        try
        {
            using var threading = new OrtThreadingOptions
            {
                GlobalIntraOpNumThreads = threadCount,
                GlobalInterOpNumThreads = 1,
                GlobalSpinControl = true,
            };
            var creation = new EnvironmentCreationOptions
            {
                logId = "modelrunner",
                // What goes wrong comes back as an exception; the library would print it as well.
                logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
                threadOptions = threading,
            };
            var environment = OrtEnv.CreateInstanceWithOptions(ref creation);
            environment.DisableTelemetryEvents();
            ThreadCount = threadCount;
            Providers = environment.GetAvailableProviders();
            return new EngineStatus(true, environment.GetVersionString(), [.. Providers.Select(DeviceOf).Distinct()], null);
        }
#pragma warning disable CA1031 // A library that cannot be loaded fails in many ways; each is the same news here.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var cause = exception.GetBaseException().Message;
            return new EngineStatus(false, "", [], $"ONNX Runtime cannot be loaded: {cause}");
        }
    }

    private static string DeviceOf(string provider) => provider switch
    {
        "CPUExecutionProvider" or "AzureExecutionProvider" => "cpu",
        "CUDAExecutionProvider" or "TensorrtExecutionProvider" or "NvTensorRTRTXExecutionProvider" => "cuda",
        "DmlExecutionProvider" => "directml",
        _ => provider.Replace("ExecutionProvider", "", StringComparison.Ordinal).ToLowerInvariant(),
    };
}
