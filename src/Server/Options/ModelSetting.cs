using ModelRunner.Runtime;

namespace ModelRunner.Server.Options;

/// <summary>One setting that every model has, and that may be set for one model alone.</summary>
/// <param name="Name">The option without dashes, and the key in a model's own settings.</param>
/// <param name="Environment">The environment variable of the default.</param>
/// <param name="Key">The key of the default in <c>appsettings.json</c>.</param>
/// <param name="Help">What it does, with its default.</param>
/// <param name="Apply">Puts a value in.</param>
internal sealed record ModelSetting(
    string Name,
    string Environment,
    string Key,
    string Help,
    Func<ModelSettings, string, ModelSettings> Apply)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ModelSetting> All { get; } =
    [
        new("context-size", "MODEL_RUNNER_CONTEXT_SIZE", "ModelRunner:ContextSize",
            "tokens of one sequence (default: the model's own length, 4096 at most)",
            (model, text) => model with { Load = model.Load with { ContextLength = SettingValues.Integer(text, "context-size", 16, 1 << 20) } }),
        new("parallel", "MODEL_RUNNER_PARALLEL", "ModelRunner:Parallel",
            "sequences that decode at the same time (default: 16, fewer where memory is short)",
            (model, text) => model with { Load = model.Load with { MaxSequences = SettingValues.Integer(text, "parallel", 1, 256) } }),
        new("threads", "MODEL_RUNNER_THREADS", "ModelRunner:Threads",
            "compute threads (default: by the cores)",
            (model, text) => model with { Load = model.Load with { ThreadCount = SettingValues.Integer(text, "threads", 1, 256) } }),
        new("kv-type", "MODEL_RUNNER_KV_TYPE", "ModelRunner:KvType",
            "type of the KV cache: auto, f32, f16 or q8 (default auto)",
            (model, text) => model with { Load = model.Load with { KvCacheType = SettingValues.KvType(text) } }),
        new("kv-layout", "MODEL_RUNNER_KV_LAYOUT", "ModelRunner:KvLayout",
            "auto, per-sequence or pooled (default auto)",
            (model, text) => model with { Load = model.Load with { KvCacheLayout = SettingValues.KvLayout(text) } }),
        new("gpu-layers", "MODEL_RUNNER_GPU_LAYERS", "ModelRunner:GpuLayers",
            "layers on the GPU, -1 for all that fit (default -1)",
            (model, text) => model with { Load = model.Load with { GpuLayerCount = SettingValues.Integer(text, "gpu-layers", -1, 10_000) } }),
        new("flash-attention", "MODEL_RUNNER_FLASH_ATTENTION", "ModelRunner:FlashAttention",
            "auto, on or off (default auto)",
            (model, text) => model with { Load = model.Load with { FlashAttention = SettingValues.FlashAttention(text) } }),
        new("deterministic", "MODEL_RUNNER_DETERMINISTIC", "ModelRunner:Deterministic",
            "results that do not depend on the batch, slower (default false)",
            (model, text) => model with { Load = model.Load with { Deterministic = SettingValues.Flag(text, "deterministic") } }) { IsFlag = true },
        new("keep-alive", "MODEL_RUNNER_KEEP_ALIVE", "ModelRunner:KeepAlive",
            "how long an idle model stays loaded: 5m, 0, or -1 for ever (default 5m)",
            (model, text) => model with { KeepAlive = SettingValues.Time(text, "keep-alive") }),
    ];

    /// <summary>Whether the option may stand without a value, for true.</summary>
    public bool IsFlag { get; init; }

    /// <summary>The setting as the default of all models.</summary>
    public Setting ToSetting() => new(Name, Environment, Key, Help, (options, values) => options with
    {
        Runtime = options.Runtime with { Default = Apply(options.Runtime.Default, values[^1]) },
    }) { IsFlag = IsFlag };

    /// <summary>Reads one model's own settings: <c>name key=value key=value</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="defaults">What holds where the text says nothing.</param>
    /// <exception cref="FormatException">It is not of that form; says what is wrong.</exception>
    public static (string ModelName, ModelSettings Settings) Read(string text, ModelSettings defaults)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2) throw new FormatException($"'{text}' holds no settings of a model: it must be 'name key=value ...'.");
        foreach (var word in words.Skip(1))
        {
            var setting = word.Split('=', 2) is [var key, _] ? All.FirstOrDefault(setting => setting.Name == key) : null;
            if (setting is null)
                throw new FormatException($"'{word}' is no setting of a model. There are: {string.Join(", ", All.Select(setting => setting.Name))}.");
            defaults = setting.Apply(defaults, word[(setting.Name.Length + 1)..]);
        }

        return (words[0], defaults);
    }
}
