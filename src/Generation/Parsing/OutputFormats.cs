namespace ModelRunner.Generation.Parsing;

/// <summary>The shapes that models of today write, as data.</summary>
internal static class OutputFormats
{
    /// <summary>What is asked of a model whose template knows no tools.</summary>
    public static CallFormat Fallback { get; } = new("tags", "<tool_call>") { Close = "</tool_call>" };

    /// <summary>Calls. Where one opening belongs to several shapes, the longer and stricter shape stands first.</summary>
    public static IReadOnlyList<CallFormat> Calls { get; } =
    [
        new("harmony", "<|channel|>commentary to=") { Close = "<|call|>", NamePrefix = "functions.", NameSuffix = " <|constrain|>json", NameEnds = ["<|message|>"] },
        new("kimi", "<|tool_calls_section_begin|>")
        {
            CallOpen = "<|tool_call_begin|>", NamePrefix = "functions.", NameEnds = ["<|tool_call_argument_begin|>"],
            CallClose = "<|tool_call_end|>", Close = "<|tool_calls_section_end|>", HasIndexedNames = true,
        },
        new("deepseek-fenced", "<｜tool▁calls▁begin｜>")
        {
            CallOpen = "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", NameEnds = ["\n"], Fence = ("```json", "```"),
            CallClose = "<｜tool▁call▁end｜>", Close = "<｜tool▁calls▁end｜>",
        },
        new("deepseek", "<｜tool▁calls▁begin｜>")
        {
            CallOpen = "<｜tool▁call▁begin｜>", NameEnds = ["<｜tool▁sep｜>"],
            CallClose = "<｜tool▁call▁end｜>", Close = "<｜tool▁calls▁end｜>",
        },
        Invoke("dsml", "<｜DSML｜tool_calls>", "<｜DSML｜", "</｜DSML｜", "</｜DSML｜tool_calls>"),
        Invoke("dsml-function-calls", "<｜DSML｜function_calls>", "<｜DSML｜", "</｜DSML｜", "</｜DSML｜function_calls>"),
        Invoke("minimax", "<minimax:tool_call>", "<", "</", "</minimax:tool_call>"),
        Invoke("function-calls", "<function_calls>", "<", "</", "</function_calls>"),
        new("tagged", "<tool_call>")
        {
            CallOpen = "<function=", NameEnds = [">"], CallClose = "</function>", Close = "</tool_call>",
            ParameterOpen = "<parameter=", KeyEnd = ">", ValueClose = "</parameter>",
        },
        new("seed", "<seed:tool_call>")
        {
            CallOpen = "<function=", NameEnds = [">"], CallClose = "</function>", Close = "</seed:tool_call>",
            ParameterOpen = "<parameter=", KeyEnd = ">", ValueClose = "</parameter>",
        },
        new("function-tag", "<function=") { HasJsonArguments = true, NameEnds = [">"], CallClose = "</function>", ParameterOpen = "<parameter=", KeyEnd = ">", ValueClose = "</parameter>" },
        Fallback,
        new("glm", "<tool_call>")
        {
            NameEnds = ["\n", "<arg_key>", "</tool_call>"], Close = "</tool_call>",
            ParameterOpen = "<arg_key>", KeyEnd = "</arg_key>", ValueOpen = "<arg_value>", ValueClose = "</arg_value>",
        },
        new("gemma", "<|tool_call>call:") { Close = "<tool_call|>", NameEnds = ["{"], Syntax = CallSyntax.Gemma, TextQuote = "<|\"|>" },
        new("function-gemma", "<start_function_call>call:") { Close = "<end_function_call>", NameEnds = ["{"], Syntax = CallSyntax.Gemma, TextQuote = "<escape>" },
        new("granite", "<|tool_call|>") { IsList = true },
        new("nemotron", "<TOOLCALL>") { Close = "</TOOLCALL>", IsList = true },
        new("apriel", "<tool_calls>") { Close = "</tool_calls>", HasLateId = true, IsList = true, IdKey = "id" },
        new("mistral-id", "[TOOL_CALLS]") { NameEnds = ["[CALL_ID]", "[ARGS]", "{"], IdOpen = "[CALL_ID]", IdLength = 9, HasLateId = true },
        new("firefunction", "functools") { IsList = true },
        new("functionary", ">>>") { NameEnds = ["\n"] },
        new("apertus", "<|tools_prefix|>") { Close = "<|tools_suffix|>", Syntax = CallSyntax.NameAsKey },
        new("cohere-action", "<|START_ACTION|>") { Close = "<|END_ACTION|>", IsList = true, IdKey = "tool_call_id", NameKey = "tool_name", ArgumentsKey = "parameters" },
        new("command-r", "Action:") { Fence = ("```json", "```"), IsList = true, NameKey = "tool_name", ArgumentsKey = "parameters" },
        new("python-tags", "<|tool_call_start|>") { Close = "<|tool_call_end|>", Syntax = CallSyntax.Python },
        new("llama-python-tag", "<|python_tag|>") { ArgumentsKey = "parameters" },
        new("bare-python", "[") { Close = "]", Syntax = CallSyntax.Python, IsBare = true },
        new("bare-json", "{") { IsBare = true, ArgumentsKey = "parameters" },
    ];

    /// <summary>Reasoning.</summary>
    public static IReadOnlyList<ReasoningFormat> Reasonings { get; } =
    [
        new("<|channel|>analysis<|message|>", "<|end|>"),
        new("<|START_THINKING|>", "<|END_THINKING|>"),
        new("<seed:think>", "</seed:think>"),
        new("[THINK]", "[/THINK]"),
        new("<|channel>thought", "<channel|>"),
        new("<think>", "</think>"),
    ];

    /// <summary>What harmony writes around the content.</summary>
    public static IReadOnlyList<string> HarmonyNoise { get; } =
    [
        "<|start|>assistant", "<|channel|>final<|message|>", "<|channel|>commentary<|message|>", "<|end|>", "<|return|>",
    ];

    /// <summary>What Cohere writes around the content.</summary>
    public static IReadOnlyList<string> CohereNoise { get; } = ["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"];

    /// <summary>Functionary addresses every part of an answer: to a function, or to all.</summary>
    public static IReadOnlyList<string> FunctionaryNoise { get; } = [">>>all\n"];

    private static CallFormat Invoke(string name, string open, string tag, string endTag, string close) => new(name, open)
    {
        CallOpen = $"{tag}invoke name=\"", NameEnds = ["\">"], CallClose = $"{endTag}invoke>", Close = close,
        ParameterOpen = $"{tag}parameter name=\"", KeyEnd = ">", ValueClose = $"{endTag}parameter>",
        HasTypedParameters = tag.Contains("DSML", StringComparison.Ordinal),
    };
}
