using System.Globalization;
using System.Net;
using System.Text;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;

namespace ModelRunner.Server.Options;

/// <summary>The table of all settings, and the one reader of them.</summary>
internal static class ServerSettings
{
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("port", "MODEL_RUNNER_PORT", "ModelRunner:Port", "TCP port; 0 takes a free one (default 12434)",
            (options, values) => options with { Port = Integer(values, "port", 0, 65535) }),
        new("bind", "MODEL_RUNNER_BIND", "ModelRunner:Bind", "address to listen on (default 127.0.0.1)",
            (options, values) => options with { Bind = Address(values[^1]) }),
        new("model-dir", "MODEL_RUNNER_MODEL_DIRS", "ModelRunner:ModelDirs", "folder with models; repeatable",
            (options, values) => options with { ModelFolders = values }) { IsList = true },
        new("model", "MODEL_RUNNER_MODELS", "ModelRunner:Models", "a model as name=path; repeatable",
            (options, values) => options with { Models = [.. values.Select(Model)] }) { IsList = true },
        new("context-size", "MODEL_RUNNER_CONTEXT_SIZE", "ModelRunner:ContextSize", "tokens of one sequence (default: the model's own length, 4096 at most)",
            (options, values) => options with { Load = options.Load with { ContextLength = Integer(values, "context-size", 16, 1 << 20) } }),
        new("parallel", "MODEL_RUNNER_PARALLEL", "ModelRunner:Parallel", "sequences that decode at the same time (default 16)",
            (options, values) => options with { Load = options.Load with { MaxSequences = Integer(values, "parallel", 1, 256) } }),
        new("threads", "MODEL_RUNNER_THREADS", "ModelRunner:Threads", "compute threads (default: by the cores)",
            (options, values) => options with { Load = options.Load with { ThreadCount = Integer(values, "threads", 1, 256) } }),
        new("kv-layout", "MODEL_RUNNER_KV_LAYOUT", "ModelRunner:KvLayout", "per-sequence or pooled (default per-sequence)",
            (options, values) => options with { Load = options.Load with { KvCacheLayout = KvLayout(values[^1]) } }),
        new("deterministic", "MODEL_RUNNER_DETERMINISTIC", "ModelRunner:Deterministic", "true for results that do not depend on the batch, slower (default false)",
            (options, values) => options with { Load = options.Load with { Deterministic = Boolean(values[^1], "deterministic") } }),
        new("cache-dir", "MODEL_RUNNER_CACHE_DIR", "ModelRunner:CacheDir", "folder for what may be deleted at any time (default ~/.cache/modelrunner)",
            (options, values) => options with { CacheFolder = values[^1] }),
        new("max-body-bytes", "MODEL_RUNNER_MAX_BODY_BYTES", "ModelRunner:MaxBodyBytes", "bytes of a request at most (default 16777216)",
            (options, values) => options with { MaxBodySizeInBytes = Integer(values, "max-body-bytes", 1, int.MaxValue) }),
    ];

    /// <exception cref="FormatException">An unknown option, or a value that is none; says which.</exception>
    public static ServerOptions Read(
        IReadOnlyList<string> arguments,
        Func<string, string?> environment,
        IConfiguration file)
    {
        var given = ReadArguments(arguments);
        var options = new ServerOptions();
        foreach (var setting in All)
        {
            var values = given.GetValueOrDefault(setting.Name)
                ?? Split(setting, environment(setting.Environment))
                ?? ReadFile(setting, file);
            if (values is { Count: > 0 }) options = setting.Apply(options, values);
        }

        return options;
    }

    /// <summary>All settings in their three forms.</summary>
    public static string GetHelp()
    {
        var text = new StringBuilder("ModelRunner: a local inference server with the OpenAI API\n\nSettings (option, environment variable, appsettings.json key):\n");
        foreach (var setting in All)
            text.Append(CultureInfo.InvariantCulture, $"  --{setting.Name,-16}{setting.Environment,-30}{setting.Key,-28}{setting.Help}\n");
        return text.ToString();
    }

    private static Dictionary<string, List<string>> ReadArguments(IReadOnlyList<string> arguments)
    {
        var given = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        for (var index = 0; index < arguments.Count; index++)
        {
            var (name, value) = arguments[index].Split('=', 2) is [var left, var right] ? (left, right) : (arguments[index], null);
            var setting = All.FirstOrDefault(setting => $"--{setting.Name}" == name)
                ?? throw new FormatException($"There is no option '{name}'; --help lists all.");
            value ??= ++index < arguments.Count ? arguments[index] : throw new FormatException($"The option '{name}' needs a value.");
            if (!given.TryGetValue(setting.Name, out var values)) given[setting.Name] = values = [];
            values.Add(value);
        }

        return given;
    }

    private static List<string>? Split(Setting setting, string? text) =>
        string.IsNullOrEmpty(text) ? null
        : setting.IsList ? [.. text.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)]
        : [text];

    private static List<string>? ReadFile(Setting setting, IConfiguration file)
    {
        var section = file.GetSection(setting.Key);
        return section.GetChildren().Any()
            ? [.. section.GetChildren().Select(child => child.Value).OfType<string>()]
            : Split(setting, section.Value);
    }

    private static int Integer(IReadOnlyList<string> values, string name, int min, int max) =>
        int.TryParse(values[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException($"'{values[^1]}' is no {name}: it must be an integer from {min} to {max}.");

    private static bool Boolean(string text, string name) =>
        bool.TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is no value of {name}: it must be true or false.");

    private static KvCacheLayout KvLayout(string text) => text switch
    {
        "per-sequence" => KvCacheLayout.PerSequence,
        "pooled" => KvCacheLayout.Pooled,
        _ => throw new FormatException($"'{text}' is no kv-layout: it must be per-sequence or pooled."),
    };

    private static IPAddress Address(string text) =>
        text == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(text, out var address) ? address
        : throw new FormatException($"'{text}' is no address to bind: it must be an IP address or localhost.");

    private static ModelEntry Model(string text) =>
        ModelEntry.Parse(text) ?? throw new FormatException($"'{text}' is no model: it must be name=path.");
}
