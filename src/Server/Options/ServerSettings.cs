using System.Globalization;
using System.Net;
using System.Text;
using ModelRunner.ModelStore;
using static ModelRunner.Server.Options.SettingValues;

namespace ModelRunner.Server.Options;

/// <summary>The table of all settings, and the one reader of them.</summary>
internal static class ServerSettings
{
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("port", "MODEL_RUNNER_PORT", "ModelRunner:Port", "TCP port; 0 takes a free one (default 12434)",
            (options, values) => options with { Port = Integer(values[^1], "port", 0, 65535) }),
        new("bind", "MODEL_RUNNER_BIND", "ModelRunner:Bind", "address to listen on; another machine's need a key (default 127.0.0.1)",
            (options, values) => options with { Bind = Address(values[^1]) }),
        new("socket", "MODEL_RUNNER_SOCK", "ModelRunner:Socket", "path of a Unix socket to listen on as well (default: none)",
            (options, values) => options with { Socket = values[^1] }),
        new("api-key", "MODEL_RUNNER_API_KEY", "ModelRunner:ApiKey", "key that clients must show, better not on the command line (default: none)",
            (options, values) => options with { ApiKey = values[^1] }),
        new("allow-anonymous", "MODEL_RUNNER_ALLOW_ANONYMOUS", "ModelRunner:AllowAnonymous", "other machines need no key (default false)",
            (options, values) => options with { AllowAnonymous = Flag(values[^1], "allow-anonymous") }) { IsFlag = true },
        new("allowed-hosts", "MODEL_RUNNER_ALLOWED_HOSTS", "ModelRunner:AllowedHosts", "further names of this server in the Host header; repeatable (default: none)",
            (options, values) => options with { AllowedHosts = values }) { Separator = ',' },
        new("origins", "DMR_ORIGINS", "ModelRunner:Origins", "origins of pages that may call, besides this machine's; scheme://* or * for all; repeatable (default: none)",
            (options, values) => options with { Origins = values }) { Separator = ',' },
        new("model-dir", "MODEL_RUNNER_MODEL_DIRS", "ModelRunner:ModelDirs", "folder with models; repeatable (default: none)",
            (options, values) => options with { ModelFolders = values }) { Separator = Path.PathSeparator },
        new("model", "MODEL_RUNNER_MODELS", "ModelRunner:Models", "a model as name=path; repeatable (default: none)",
            (options, values) => options with { Models = [.. values.Select(Model)] }) { Separator = ';' },
        new("engines", "MODEL_RUNNER_ENGINES", "ModelRunner:Engines", "engine to prefer where the path names none; repeatable (default llama.cpp, then onnx)",
            (options, values) => options with { Engines = values }) { Separator = ',' },
        new("require-gpu", "MODEL_RUNNER_REQUIRE_GPU", "ModelRunner:RequireGpu", "refuse an ONNX model whose accelerator cannot start, instead of using the CPU (default false)",
            (options, values) => options with { RequiresAccelerator = Flag(values[^1], "require-gpu") }) { IsFlag = true },
        new("packed-weights", "MODEL_RUNNER_PACKED_WEIGHTS", "ModelRunner:PackedWeights", "keep float weights of ONNX models packed for this processor in the cache folder: quicker loads, less memory, more disk (default false)",
            (options, values) => options with { KeepsPackedWeights = Flag(values[^1], "packed-weights") }) { IsFlag = true },
        .. StoreSettings.All,
        new("no-bundled", "MODEL_RUNNER_NO_BUNDLED", "ModelRunner:NoBundled", "leave out the model that ships with the server (default false)",
            (options, values) => Flag(values[^1], "no-bundled") ? options with { BundledFolder = null } : options) { IsFlag = true },
        .. ModelSetting.All.Select(setting => setting.ToSetting()),
        new("model-settings", "MODEL_RUNNER_MODEL_SETTINGS", "ModelRunner:ModelSettings", "a model's own: 'name context-size=8192 keep-alive=-1'; repeatable (default: none)",
            ReadModelSettings) { Separator = ';' },
        new("memory-budget", "MODEL_RUNNER_MEMORY_BUDGET", "ModelRunner:MemoryBudget", "MiB that loaded models may take together (default: 90 % of the memory)",
            (options, values) => options with { Runtime = options.Runtime with { MemoryBudgetInBytes = (long)Integer(values[^1], "memory-budget", 1, int.MaxValue) << 20 } }),
        new("cache-dir", "MODEL_RUNNER_CACHE_DIR", "ModelRunner:CacheDir", "folder for what may be deleted at any time (default ~/.cache/modelrunner)",
            (options, values) => options with { CacheFolder = values[^1] }),
        new("max-body-bytes", "MODEL_RUNNER_MAX_BODY_BYTES", "ModelRunner:MaxBodyBytes", "bytes of a request at most (default 16777216)",
            (options, values) => options with { MaxBodySizeInBytes = Integer(values[^1], "max-body-bytes", 1, int.MaxValue) }),
        new("max-requests", "MODEL_RUNNER_MAX_REQUESTS", "ModelRunner:MaxRequests", "requests that run or wait; more are told 429 (default 2048)",
            (options, values) => options with { MaxRequests = Integer(values[^1], "max-requests", 1, 1_000_000) }),
        new("max-request-mib", "MODEL_RUNNER_MAX_REQUEST_MIB", "ModelRunner:MaxRequestMib", "MiB of all requests in memory; more are told 429 (default 256)",
            (options, values) => options with { MaxRequestBytes = (long)Integer(values[^1], "max-request-mib", 1, 1 << 20) << 20 }),
        new("shutdown-time", "MODEL_RUNNER_SHUTDOWN_TIME", "ModelRunner:ShutdownTime", "how long requests may go on after SIGTERM (default 30s)",
            (options, values) => options with { ShutdownTime = PositiveTime(values[^1], "shutdown-time") }),
        new("stream-keep-alive", "MODEL_RUNNER_STREAM_KEEP_ALIVE", "ModelRunner:StreamKeepAlive", "silence after which a stream sends a comment (default 5s)",
            (options, values) => options with { StreamKeepAlive = PositiveTime(values[^1], "stream-keep-alive") }),
        new("slow-reader-time", "MODEL_RUNNER_SLOW_READER_TIME", "ModelRunner:SlowReaderTime", "how long the reader of a stream may take nothing before it is cut off (default 60s)",
            (options, values) => options with { SlowReaderTime = PositiveTime(values[^1], "slow-reader-time") }),
        new("record-requests", "MODEL_RUNNER_RECORD_REQUESTS", "ModelRunner:RecordRequests", "keep the last requests with their answers for /engines/requests; needs an API key (default false)",
            (options, values) => options with { RecordsRequests = Flag(values[^1], "record-requests") }) { IsFlag = true },
        new("log-format", "MODEL_RUNNER_LOG_FORMAT", "ModelRunner:LogFormat", "text or json (default text)",
            (options, values) => options with { LogsJson = Choice(values[^1], "log-format", ("text", false), ("json", true)) }),
    ];

    /// <exception cref="FormatException">An unknown option, a value that is none, or a server open to all; says which.</exception>
    public static ServerOptions Read(
        IReadOnlyList<string> arguments,
        Func<string, string?> environment,
        IConfiguration file)
    {
        var given = ReadArguments(arguments);
        var options = new ServerOptions { BundledFolder = Path.Combine(AppContext.BaseDirectory, "models") };
        foreach (var setting in All)
        {
            var values = given.GetValueOrDefault(setting.Name)
                ?? Split(setting, environment(setting.Environment))
                ?? ReadFile(setting, file);
            if (values is { Count: > 0 }) options = setting.Apply(options, values);
        }

        if (options is { RecordsRequests: true, ApiKey: null })
            throw new FormatException("Recorded requests are shown to who has the key: set MODEL_RUNNER_API_KEY too.");

        return IsOpenToAll(options)
            ? throw new FormatException(
                $"Other machines can reach {options.Bind}: set MODEL_RUNNER_API_KEY, or say --allow-anonymous to serve everyone.")
            : options;
    }

    /// <summary>All settings in their three forms.</summary>
    public static string GetHelp()
    {
        var text = new StringBuilder("ModelRunner: a local inference server with the OpenAI API\n\nSettings (option, environment variable, appsettings.json key):\n");
        foreach (var setting in All)
            text.Append(CultureInfo.InvariantCulture, $"  --{setting.Name,-18}{setting.Environment,-32}{setting.Key,-30}{setting.Help}\n");
        return text.ToString();
    }

    private static bool IsOpenToAll(ServerOptions options) =>
        !IPAddress.IsLoopback(options.Bind) && options.ApiKey is null && !options.AllowAnonymous;

    // After the defaults, which stand before it in the table: a model's own settings change only what they name.
    private static ServerOptions ReadModelSettings(ServerOptions options, IReadOnlyList<string> values)
    {
        var own = values.Select(text => ModelSetting.Read(text, options.Runtime.Default))
            .GroupBy(entry => ModelName.GetKey(entry.ModelName))
            .ToDictionary(group => group.Key, group => group.Last().Settings);
        return options with { Runtime = options.Runtime with { Models = own } };
    }

    private static Dictionary<string, List<string>> ReadArguments(IReadOnlyList<string> arguments)
    {
        var given = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        for (var index = 0; index < arguments.Count; index++)
        {
            var (name, value) = arguments[index].Split('=', 2) is [var left, var right] ? (left, right) : (arguments[index], null);
            var setting = All.FirstOrDefault(setting => $"--{setting.Name}" == name)
                ?? throw new FormatException($"There is no option '{name}'; --help lists all.");
            var hasNext = index + 1 < arguments.Count && !(setting.IsFlag && arguments[index + 1].StartsWith("--", StringComparison.Ordinal));
            value ??= hasNext ? arguments[++index]
                : setting.IsFlag ? "true"
                : throw new FormatException($"The option '{name}' needs a value.");
            if (!given.TryGetValue(setting.Name, out var values)) given[setting.Name] = values = [];
            values.AddRange(setting.Separator == ',' ? Split(setting, value) ?? [] : [value]);
        }

        return given;
    }

    private static List<string>? Split(Setting setting, string? text) =>
        string.IsNullOrEmpty(text) ? null
        : setting.Separator is { } separator
            ? [.. text.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]
        : [text];

    private static List<string>? ReadFile(Setting setting, IConfiguration file)
    {
        var section = file.GetSection(setting.Key);
        return section.GetChildren().Any()
            ? [.. section.GetChildren().Select(child => child.Value).OfType<string>()]
            : Split(setting, section.Value);
    }
}
