using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Engines.Onnx.Config;

/// <summary>Reads <c>genai_config.json</c>, and refuses by name what this engine does not run.</summary>
internal static class GenAiConfigReader
{
    public const string FileName = "genai_config.json";

    // Parts of models with more than a decoder.
    private static readonly (string Section, string Name)[] Unsupported =
    [
        ("encoder", "an encoder-decoder model"),
        ("vision", "a vision model"),
        ("speech", "a speech model"),
        ("embedding", "a model with an embedding graph of its own, as multimodal models have"),
    ];

    // Settings that change what a session computes with, never which files it reads or writes.
    private static readonly HashSet<string> AllowedEntries = new(StringComparer.Ordinal)
    {
        "session.set_denormal_as_zero", "session.use_device_allocator_for_initializers", "session.use_env_allocators",
        "session.disable_cpu_ep_fallback", "session.disable_quant_qdq", "session.disable_double_qdq_remover",
        "session.enable_quant_qdq_cleanup", "session.qdqisint8allowed", "optimization.minimal_build_optimizations",
        "optimization.enable_gelu_approximation", "optimization.disable_specified_optimizers",
        "mlas.enable_gemm_fastmath_arm64_bfloat16",
    };

    /// <exception cref="ModelLoadException">The file is broken or of an unsupported kind; the message names the field.</exception>
    public static GenAiConfig Read(string folder)
    {
        var root = ConfigObject.ReadFile(folder, FileName);
        var model = root.GetObject("model") ?? throw new ModelLoadException($"{FileName}: model is missing");
        foreach (var (section, name) in Unsupported)
            if (model.Has(section))
                throw new ModelLoadException($"{FileName}: model.{section} makes it {name}, which is not supported");

        var decoder = model.GetObject("decoder") ?? throw new ModelLoadException($"{FileName}: model.decoder is missing");
        RefuseUnsupported(decoder);
        var session = decoder.GetObject("session_options");
        if (session?.Has("custom_ops_library") == true)
            throw new ModelLoadException($"{FileName}: custom_ops_library is native code of the folder, which is never loaded");

        return new GenAiConfig
        {
            Type = model.GetText("type") is { Length: > 0 } type ? type : throw new ModelLoadException($"{FileName}: model.type is missing"),
            VocabularySize = model.GetCount("vocab_size") ?? 0,
            ContextLength = model.GetCount("context_length") ?? 0,
            BeginOfSequence = model.GetInteger("bos_token_id"),
            EndOfSequence = model.GetIntegers("eos_token_id"),
            Padding = model.GetInteger("pad_token_id"),
            TokenizerFolder = model.GetText("tokenizer_dir") ?? "",
            FileName = decoder.GetText("filename") is { Length: > 0 } file ? file : "model.onnx",
            HiddenSize = decoder.GetCount("hidden_size") ?? 0,
            KvHeadCount = decoder.GetCount("num_key_value_heads") ?? 0,
            HeadSize = decoder.GetCount("head_size") ?? 0,
            Names = ReadNames(decoder.GetObject("inputs"), decoder.GetObject("outputs")),
            Providers = session is { } options ? ReadProviders(options) : [],
            SessionEntries = ReadEntries(session),
            OptimizationLevel = session?.GetScalar("graph_optimization_level"),
        };
    }

    private static void RefuseUnsupported(in ConfigObject decoder)
    {
        if (decoder.Has("pipeline"))
            throw new ModelLoadException($"{FileName}: model.decoder.pipeline divides the model into several graphs, which is not supported");

        if (decoder.GetObject("inputs") is not { } inputs)
            return;
        foreach (var name in new[] { "cumulative_sequence_lengths", "block_table", "slot_mapping" })
            if (inputs.Has(name))
                throw new ModelLoadException($"{FileName}: {name} makes it an export for paged attention, which needs CUDA and is not supported");
        if (inputs.Has("encoder_hidden_states") || inputs.Has("cross_past_key_names"))
            throw new ModelLoadException($"{FileName}: the decoder attends to an encoder, which is not supported");
    }

    private static GraphNames ReadNames(ConfigObject? inputs, ConfigObject? outputs)
    {
        var defaults = new GraphNames();
        return new GraphNames
        {
            InputIds = inputs?.GetText("input_ids") ?? defaults.InputIds,
            AttentionMask = inputs?.GetText("attention_mask") ?? defaults.AttentionMask,
            PositionIds = inputs?.GetText("position_ids") ?? defaults.PositionIds,
            PastKeys = inputs?.GetText("past_key_names") ?? defaults.PastKeys,
            PastValues = inputs?.GetText("past_value_names") ?? defaults.PastValues,
            Past = inputs?.GetText("past_names") ?? defaults.Past,
            Logits = outputs?.GetText("logits") ?? defaults.Logits,
            PresentKeys = outputs?.GetText("present_key_names") ?? defaults.PresentKeys,
            PresentValues = outputs?.GetText("present_value_names") ?? defaults.PresentValues,
            Present = outputs?.GetText("present_names") ?? defaults.Present,
            HiddenStates = outputs?.GetText("hidden_states") ?? defaults.HiddenStates,
        };
    }

    private static List<ProviderConfig> ReadProviders(in ConfigObject session)
    {
        var providers = new List<ProviderConfig>();
        foreach (var entry in session.GetObjects("provider_options"))
        {
            foreach (var name in entry.Names)
                providers.Add(ReadProvider(name, entry.GetObject(name)));
        }

        return providers;
    }

    private static ProviderConfig ReadProvider(string name, ConfigObject? settings)
    {
        if (settings is not { } given)
            return new ProviderConfig(name, new Dictionary<string, string>());

        var allowed = ProviderSettings.Of(name);
        return new ProviderConfig(name, given.Names.Where(allowed.Contains).Distinct().ToDictionary(setting => setting, setting => given.GetScalar(setting) ?? ""))
        {
            Ignored = [.. given.Names.Where(setting => !allowed.Contains(setting))],
        };
    }

    private static Dictionary<string, string> ReadEntries(ConfigObject? session)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        if (session is not { } options)
            return entries;

        // Both where GenAI takes them from: beside the other settings, and in an object of their own.
        foreach (var name in options.Names.Where(AllowedEntries.Contains))
            entries[name] = options.GetScalar(name) ?? "";
        if (options.GetObject("config_entries") is { } own)
            foreach (var name in own.Names.Where(AllowedEntries.Contains))
                entries[name] = own.GetScalar(name) ?? "";
        return entries;
    }
}
