using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Engines.LlamaCpp.Native;

/// <summary>
/// Loads libllama once for the process. Whatever is wrong becomes a status with one message that says what mends it:
/// no call with a struct is made before the release is known to be the one whose layouts we have.
/// </summary>
internal static unsafe class LlamaLibrary
{
    /// <summary>The release whose struct layouts <see cref="LlamaApi"/> has.</summary>
    public const string Release = "0.5.0";

    /// <summary>Overrides where the libraries are.</summary>
    public const string PathVariable = "MODEL_RUNNER_LLAMA_PATH";

    private static readonly Lock Gate = new();
    private static readonly StringBuilder PartialLine = new();
    private static nint _llama;
    private static nint _ggml;
    private static nint _ggmlBase;
    private static EngineStatus? _status;
    private static ILogger? _logger;

    [ThreadStatic]
    private static string? _lastError;

    /// <summary>The last error that the library logged on this thread, and forgets it: the reason of a call that just failed.</summary>
    public static string? TakeLastError()
    {
        var error = _lastError;
        _lastError = null;
        return error;
    }

    /// <summary>Whether a loaded backend has found a graphics card, its own memory or the machine's.</summary>
    public static bool HasGpu => LlamaApi.ggml_backend_dev_by_type(LlamaApi.Gpu) != 0 || LlamaApi.ggml_backend_dev_by_type(LlamaApi.IntegratedGpu) != 0;

    /// <summary>Loads the libraries at the first call; later calls give the same answer.</summary>
    public static EngineStatus Load(string? folder, ILogger logger)
    {
        lock (Gate)
        {
            _logger ??= logger;
            return _status ??= TryLoad(FindFolder(folder));
        }
    }

    /// <summary>Looks a folder over without loading anything: null when it will do, otherwise what is wrong.</summary>
    internal static string? FindFault(string folder)
    {
        if (!Directory.Exists(folder))
            return Missing($"The folder '{folder}' does not exist");

        string[] names = [LlamaApi.Llama, LlamaApi.Ggml, LlamaApi.GgmlBase];
        return Array.Find(names, name => FindFile(folder, name) is null) is { } name
            ? Missing($"The folder '{folder}' does not hold lib{name}")
            : null;
    }

    /// <summary>What is wrong with a version text, or null.</summary>
    internal static string? FindFault(string version, string folder) =>
        version == Release || version.StartsWith(Release + "-", StringComparison.Ordinal)
            ? null
            : $"The libraries in '{folder}' are llama.cpp {version}, and this server is made for {Release}. "
                + $"Put libraries of {Release} there, or unset {PathVariable} to use those of the build.";

    private static string Missing(string what) =>
        $"{what}: llama.cpp is not installed. Build the project again with npm at hand, which fetches it, "
        + $"or set {PathVariable} to a folder with the libraries of llama.cpp {Release}.";

    private static string FindFolder(string? folder) =>
        folder
        ?? (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } set ? set : null)
        ?? Path.Combine(AppContext.BaseDirectory, "llama");

    private static EngineStatus TryLoad(string folder)
    {
        if (FindFault(folder) is { } fault)
            return Unavailable(fault);

        try
        {
            _ggmlBase = NativeLibrary.Load(FindFile(folder, LlamaApi.GgmlBase)!);
            _ggml = NativeLibrary.Load(FindFile(folder, LlamaApi.Ggml)!);
            _llama = NativeLibrary.Load(FindFile(folder, LlamaApi.Llama)!);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            return Unavailable(Missing($"The libraries in '{folder}' cannot be loaded ({exception.Message.ReplaceLineEndings(" ")})"));
        }

        if (!NativeLibrary.TryGetExport(_llama, "llama_version", out _))
            return Unavailable(FindFault("of another release", folder)!);

        NativeLibrary.SetDllImportResolver(typeof(LlamaLibrary).Assembly, Resolve);
        var version = Marshal.PtrToStringUTF8((nint)LlamaApi.llama_version()) ?? "";
        if (FindFault(version, folder) is { } mismatch)
            return Unavailable(mismatch);

        LlamaApi.llama_log_set(&OnLog, 0);
        LlamaApi.ggml_backend_load_all_from_path(folder);
        LlamaApi.llama_backend_init();
        return new EngineStatus(true, version, ListDevices(), null);
    }

    private static EngineStatus Unavailable(string reason) => new(false, "", [], reason);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) => name switch
    {
        LlamaApi.Llama => _llama,
        LlamaApi.Ggml => _ggml,
        LlamaApi.GgmlBase => _ggmlBase,
        _ => 0,
    };

    /// <summary>File names carry the release (<c>libllama.v0.5.0.so</c>), so they are found by pattern.</summary>
    private static string? FindFile(string folder, string name)
    {
        string[] patterns = OperatingSystem.IsWindows()
            ? [$"{name}.dll", $"lib{name}.dll", $"{name}.v*.dll", $"lib{name}.v*.dll"]
            : OperatingSystem.IsMacOS()
                ? [$"lib{name}.dylib", $"lib{name}.v*.dylib"]
                : [$"lib{name}.so", $"lib{name}.v*.so", $"lib{name}.so.*"];
        return patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern)).Order(StringComparer.Ordinal).FirstOrDefault();
    }

    private static List<string> ListDevices()
    {
        var devices = new List<string>();
        for (nuint i = 0; i < LlamaApi.ggml_backend_dev_count(); i++)
            devices.Add(Marshal.PtrToStringUTF8((nint)LlamaApi.ggml_backend_dev_description(LlamaApi.ggml_backend_dev_get(i))) ?? "");

        return devices;
    }

    /// <summary>Comes from any native thread, a line in several calls. Nothing may be thrown through native frames.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(int level, byte* text, nint userData)
    {
        const int Warning = 3;
        const int Error = 4;
        try
        {
            string line;
            lock (PartialLine)
            {
                PartialLine.Append(Marshal.PtrToStringUTF8((nint)text));
                if (PartialLine.Length == 0 || PartialLine[^1] != '\n')
                    return;

                line = PartialLine.ToString().TrimEnd();
                PartialLine.Clear();
            }

            if (level == Error)
                _lastError = line;

            if (_logger is { } logger && line.Length > 0)
                Log.Native(logger, level is Warning or Error ? LogLevel.Debug : LogLevel.Trace, line);
        }
#pragma warning disable CA1031 // An exception that reaches native code ends the process.
        catch
#pragma warning restore CA1031
        {
        }
    }
}
