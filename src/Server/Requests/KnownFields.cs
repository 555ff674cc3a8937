using static ModelRunner.Server.Requests.FieldRules;

namespace ModelRunner.Server.Requests;

/// <summary>The names of OpenAI and of the peers (llama-server, vLLM), by what becomes of them.</summary>
internal static class KnownFields
{
    /// <summary>The six that README documents as without effect.</summary>
    public static IReadOnlyList<(string Name, FieldRule Rule)> WithoutEffect { get; } =
    [
        ("user", IgnoreText), ("safety_identifier", IgnoreText), ("prompt_cache_key", IgnoreText),
        ("service_tier", IgnoreText), ("metadata", IgnoreObject), ("store", IgnoreFlag),
    ];

    /// <summary>What the mappers of chat and completions read.</summary>
    public static IReadOnlyList<(string Name, FieldRule Rule)> Generation { get; } =
    [
        .. new[]
        {
            "model", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens", "n_predict", "min_tokens",
            "stop", "stop_token_ids", "ignore_eos", "cache_prompt", "keep_alive", "logprobs", "logit_bias", "seed",
            "temperature", "top_p", "top_k", "min_p", "typical_p", "repetition_penalty", "repeat_penalty",
            "repeat_last_n", "frequency_penalty", "presence_penalty",

            // Structured output: OpenAI's, llama-server's, vLLM's.
            "response_format", "grammar", "json_schema", "structured_outputs", "guided_json", "guided_regex",
            "guided_choice", "guided_grammar", "guided_json_object",
        }.Select(name => (name, Read)),
    ];

    /// <summary>What chat alone has of tools and documents.</summary>
    public static IReadOnlyList<(string Name, FieldRule Rule)> Tools { get; } =
        [.. new[] { "tools", "tool_choice", "parallel_tool_calls", "documents", "enable_thinking" }.Select(name => (name, Read))];

    /// <summary>The same in completions, which have none.</summary>
    public static IReadOnlyList<(string Name, FieldRule Rule)> NoTools { get; } =
    [
        ("tools", RefuseUnlessEmpty), ("tool_choice", ToolChoice), ("parallel_tool_calls", IgnoreFlag),
        ("documents", RefuseUnlessEmpty),
    ];

    /// <summary>What is refused, unless the value asks for what happens anyway.</summary>
    public static IReadOnlyList<(string Name, FieldRule Rule)> RefusedInGeneration { get; } =
    [
        // OpenAI's.
        ("functions", RefuseUnlessEmpty), ("function_call", ToolChoice),
        ("modalities", Modalities), ("audio", RefuseUnlessEmpty), ("prediction", RefuseUnlessEmpty),
        ("web_search_options", Refuse), ("moderation", Refuse), ("verbosity", RefuseUnlessText("medium")),
        ("prompt_cache_retention", RefuseUnlessText("in_memory", "in-memory")),
        ("prompt_cache_options", RefuseUnlessEmpty), ("suffix", RefuseUnlessText("")),

        // Settings of grammars of the peers.
        ("guided_decoding_backend", Refuse), ("guided_whitespace_pattern", RefuseUnlessEmpty),

        // Samplers of the peers, and the settings of samplers that are off by these rules.
        ("mirostat", RefuseUnlessNumber(0)), ("mirostat_tau", Ignore), ("mirostat_eta", Ignore),
        ("dry_multiplier", RefuseUnlessNumber(0)), ("dry_base", Ignore), ("dry_allowed_length", Ignore),
        ("dry_penalty_last_n", Ignore), ("dry_sequence_breakers", Ignore),
        ("xtc_probability", RefuseUnlessNumber(0)), ("xtc_threshold", Ignore),
        ("dynatemp_range", RefuseUnlessNumber(0)), ("dynatemp_exponent", Ignore),
        ("tfs_z", RefuseUnlessNumber(1)), ("top_a", RefuseUnlessNumber(0)), ("top_n_sigma", RefuseUnlessNumber(-1, 0)),
        ("samplers", RefuseUnlessEmpty), ("min_keep", RefuseUnlessNumber(0, 1)),
        ("use_beam_search", RefuseUnlessFlag(false)), ("length_penalty", RefuseUnlessNumber(1)),
        ("allowed_token_ids", RefuseUnlessEmpty), ("bad_words", RefuseUnlessEmpty),

        // Output and prompt options of the peers.
        ("include_stop_str_in_output", RefuseUnlessFlag(false)), ("skip_special_tokens", RefuseUnlessFlag(true)),
        ("spaces_between_special_tokens", RefuseUnlessFlag(true)), ("prompt_logprobs", Refuse),
        ("add_special_tokens", RefuseUnlessFlag(false)), ("add_generation_prompt", RefuseUnlessFlag(true)),
        ("continue_final_message", RefuseUnlessFlag(false)), ("truncate_prompt_tokens", Refuse),
        ("chat_template", RefuseUnlessEmpty),
        ("return_tokens", RefuseUnlessFlag(false)), ("return_token_ids", RefuseUnlessFlag(false)),
        ("timings_per_token", RefuseUnlessFlag(false)), ("return_progress", RefuseUnlessFlag(false)),
        ("post_sampling_probs", RefuseUnlessFlag(false)), ("t_max_predict_ms", RefuseUnlessNumber(0, -1)),
        ("n_keep", RefuseUnlessNumber(0)), ("id_slot", RefuseUnlessNumber(-1)), ("lora", RefuseUnlessEmpty),
    ];
}
