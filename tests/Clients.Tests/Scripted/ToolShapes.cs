namespace ModelRunner.Clients.Tests.Scripted;

/// <summary>Every shape of calls that models of today write, with a real template where there is one.</summary>
public static class ToolShapes
{
    // ChatML with the call rendered as the shape has it, for shapes without a real template at hand.
    private const string Before = "{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}{% for c in m.tool_calls or [] %}";
    private const string Behind = "{% endfor %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
    private const string Paris = "{\"city\": \"Paris\"}";

    /// <summary>The shapes.</summary>
    public static IReadOnlyList<ToolShape> All { get; } =
    [
        new("tags", "Qwen-Qwen3-0.6B", $"<tool_call>\n{Json("arguments")}\n</tool_call>", "<|im_end|>") { Reasoning = "Look it up.", Content = "" },
        new("hermes", "NousResearch-Hermes-3-Llama-3.1-8B-tool_use", $"<tool_call>\n{Json("arguments")}\n</tool_call>") { Content = "Let me look.\n" },
        new("qwen-tagged", "Qwen3-Coder", Tagged("<tool_call>\n", "\nParis\n", "\n</tool_call>"), "<|im_end|>", "<tool_call>", "</tool_call>"),
        new("seed", "ByteDance-Seed-OSS", Tagged("<seed:tool_call>\n", "Paris", "\n</seed:tool_call>"), "<seed:eos>", "<seed:tool_call>", "</seed:tool_call>", "<seed:think>", "</seed:think>")
        {
            Reasoning = "Look it up.", Think = ("<seed:think>", "</seed:think>"),
        },
        new("function-tag", "meetkai-functionary-medium-v3.1", $"<function=get_weather>{Paris}</function>"),
        new("glm", "GLM-4.6", "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value>\n</tool_call>", "<think>", "</think>", "<tool_call>", "</tool_call>", "<arg_key>", "</arg_key>")
        {
            Reasoning = "Look it up.",
        },
        new("kimi", "Kimi-K2-Instruct", $"<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{Paris}<|tool_call_end|><|tool_calls_section_end|>",
            "<|tool_calls_section_begin|>", "<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>", "<|tool_calls_section_end|>") { Content = "Let me look." },
        new("mistral-list", "mistralai-Mistral-Nemo-Instruct-2407", $"[TOOL_CALLS][{{\"name\": \"get_weather\", \"arguments\": {Paris}, \"id\": \"abcdef123\"}}]", "[TOOL_CALLS]"),
        new("mistral-id", "Mistral-Small-3.2-24B-Instruct-2506", $"[TOOL_CALLS]get_weather[CALL_ID]abcdef123[ARGS]{Paris}", "[TOOL_CALLS]", "[CALL_ID]", "[ARGS]"),
        new("mistral-args", "unsloth-mistral-Devstral-Small-2507", $"[TOOL_CALLS]get_weather[ARGS]{Paris}", "[TOOL_CALLS]", "[ARGS]"),
        new("harmony", "openai-gpt-oss-120b", $"<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{Paris}<|call|>",
            "<|channel|>", "<|message|>", "<|constrain|>", "<|call|>", "<|start|>", "<|end|>")
        {
            Reasoning = "Look it up.", Think = ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant"),
        },
        new("bare-json", "meta-llama-Llama-3.1-8B-Instruct", Json("parameters")),
        new("dsml", "deepseek-ai-DeepSeek-V4", "<｜DSML｜tool_calls>\n<｜DSML｜invoke name=\"get_weather\">\n<｜DSML｜parameter name=\"city\" string=\"true\">Paris</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>"),
        new("gemma", "google-gemma-4-31B-it", "<|tool_call>call:get_weather{city:<|\"|>Paris<|\"|>}<tool_call|>", "<|tool_call>", "<tool_call|>", "<|\"|>"),
        new("cohere-action", "Cohere2MoE", "<|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"get_weather\", \"parameters\": " + Paris + "}\n]<|END_ACTION|>",
            "<|START_ACTION|>", "<|END_ACTION|>", "<|START_THINKING|>", "<|END_THINKING|>")
        {
            Reasoning = "Look it up.", Think = ("", "<|END_THINKING|>"),
        },
        new("command-r", "CohereForAI-c4ai-command-r-plus-tool_use", "Action:\n```json\n[\n    {\n        \"tool_name\": \"get_weather\",\n        \"parameters\": " + Paris + "\n    }\n]```"),
        new("granite", "ibm-granite-granite-3.3-2B-Instruct", $"<|tool_call|>[{Json("arguments")}]", "<|tool_call|>"),
        new("deepseek", "deepseek-ai-DeepSeek-R1-Distill-Llama-8B", $"<tool_call>\n{Json("arguments")}\n</tool_call>") { Reasoning = "Look it up.", Think = ("", "</think>\n\n") },
        new("nemotron", Before + "<TOOLCALL>[{\"name\": \"{{ c.function.name }}\", \"arguments\": {{ c.function.arguments | tojson }}}]</TOOLCALL>" + Behind, $"<TOOLCALL>[{Json("arguments")}]</TOOLCALL>", "<TOOLCALL>", "</TOOLCALL>"),
        new("apriel", Before + "<tool_calls>[{\"name\": \"{{ c.function.name }}\", \"arguments\": {{ c.function.arguments | tojson }}, \"id\": \"{{ c.id }}\"}]</tool_calls>" + Behind,
            $"<tool_calls>[{{\"name\": \"get_weather\", \"arguments\": {Paris}, \"id\": \"c1\"}}]</tool_calls>"),
        new("minimax", Before + Invoke("<minimax:tool_call>", "</minimax:tool_call>") + Behind, "<minimax:tool_call>\n<invoke name=\"get_weather\">\n<parameter name=\"city\">Paris</parameter>\n</invoke>\n</minimax:tool_call>"),
        new("python-tags", Before + "<|tool_call_start|>[{{ c.function.name }}({% for k, v in c.function.arguments | items %}{{ k }}={{ v | tojson }}{% if not loop.last %}, {% endif %}{% endfor %})]<|tool_call_end|>" + Behind,
            "<|tool_call_start|>[get_weather(city=\"Paris\")]<|tool_call_end|>", "<|tool_call_start|>", "<|tool_call_end|>") { Content = "Let me look." },
        new("bare-python", Before + "[{{ c.function.name }}({% for k, v in c.function.arguments | items %}{{ k }}={{ v | tojson }}{% if not loop.last %}, {% endif %}{% endfor %})]" + Behind, "[get_weather(city=\"Paris\")]"),
        new("apertus", Before + "<|tools_prefix|>[{\"{{ c.function.name }}\": {{ c.function.arguments | tojson }}}]<|tools_suffix|>" + Behind,
            $"<|tools_prefix|>[{{\"get_weather\": {Paris}}}]<|tools_suffix|>", "<|tools_prefix|>", "<|tools_suffix|>"),
        new("functionary", "{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}<|start|>{{ m.role }}\n{% if m.role == 'assistant' %}"
            + "{% if m.content %}>>>all\n{{ m.content }}{% endif %}{% for c in m.tool_calls or [] %}>>>{{ c.function.name }}\n{{ c.function.arguments | tojson }}{% endfor %}"
            + "{% else %}{{ m.content }}{% endif %}<|end|>\n{% endfor %}{% if add_generation_prompt %}<|start|>assistant\n>>>{% endif %}", $"get_weather\n{Paris}") { Say = "all\n" },
        new("fallback", "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n", $"<tool_call>\n{Json("arguments")}\n</tool_call>"),
    ];

    private static string Json(string key) => $"{{\"name\": \"get_weather\", \"{key}\": {Paris}}}";

    private static string Tagged(string open, string value, string close) =>
        $"{open}<function=get_weather>\n<parameter=city>{value}</parameter>\n</function>{close}";

    private static string Invoke(string open, string close) =>
        open + "\n<invoke name=\"{{ c.function.name }}\">\n{% for k, v in c.function.arguments | items %}<parameter name=\"{{ k }}\">{{ v if v is string else v | tojson }}</parameter>\n{% endfor %}</invoke>\n" + close;
}
