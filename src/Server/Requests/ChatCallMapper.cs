using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>The body of <c>chat/completions</c> to a chat request.</summary>
internal static class ChatCallMapper
{
    private static readonly string[] ReasoningEfforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

    public static ChatCall Map(in RequestReader request)
    {
        var target = GenerationOptionsMapper.MapTarget(request);
        var (isStreaming, includeUsage) = GenerationOptionsMapper.MapStream(request);
        var tools = ToolMapper.Map(request);
        var chat = new ChatRequest
        {
            Messages = MessageMapper.Map(request),
            Tools = tools,
            ToolChoice = ToolMapper.MapChoice(request, tools),
            ParallelToolCalls = request.Flag("parallel_tool_calls") ?? true,
            TemplateVariables = MapTemplateVariables(request),
            ReasoningEffort = MapReasoningEffort(request),
            ReasoningTokenBudget = MapReasoningBudget(request),
            Sampling = GenerationOptionsMapper.MapSampling(request),
            Output = GenerationOptionsMapper.MapOutput(request, GenerationOptionsMapper.MapMaxTokens(request, min: 1), MapTopLogProbabilities(request)),
            Constraint = ConstraintMapper.Map(request),
            ChoiceCount = request.Integer("n", 1, Bounds.MaxChoices) ?? 1,
        };
        return new(target, chat, isStreaming, includeUsage);
    }

    private static int MapTopLogProbabilities(in RequestReader request)
    {
        var top = request.Integer("top_logprobs", 0, Bounds.MaxTopLogProbabilities);
        if (request.Flag("logprobs") == true) return top ?? 0;
        return top is null or 0 ? -1 : throw request.Invalid("top_logprobs", "is only allowed when 'logprobs' is true");
    }

    private static string? MapReasoningEffort(in RequestReader request) =>
        MapEffort(request, "reasoning_effort") ?? (request.Object("reasoning") is { } reasoning ? MapEffort(reasoning, "effort") : null);

    private static string? MapEffort(in RequestReader request, string name) =>
        request.Text(name, Bounds.MaxNameLength) is not { } effort ? null
        : ReasoningEfforts.Contains(effort) ? effort
        : throw request.Invalid(name, $"must be one of {string.Join(", ", ReasoningEfforts)}");

    // Qwen's, vLLM's and OpenRouter's names; a negative number stands for no bound.
    private static int? MapReasoningBudget(in RequestReader request) =>
        MapBudget(request, "thinking_budget")
        ?? MapBudget(request, "thinking_token_budget")
        ?? (request.Object("reasoning") is { } reasoning ? MapBudget(reasoning, "max_tokens") : null)
        ?? (request.Object("chat_template_kwargs") is { } values ? MapBudget(values, "thinking_budget") : null);

    private static int? MapBudget(in RequestReader request, string name) =>
        request.Integer(name, -1, int.MaxValue) is { } budget and >= 0 ? budget : null;

    private static Dictionary<string, JsonText> MapTemplateVariables(in RequestReader request)
    {
        var variables = new Dictionary<string, JsonText>(StringComparer.Ordinal);
        if (request.Array("documents", Bounds.MaxParts) is { } documents && documents.GetArrayLength() > 0)
            variables["documents"] = request.Raw(documents);

        if (request.Flag("enable_thinking") is { } thinks)
            variables["enable_thinking"] = JsonText.From(thinks ? "true" : "false");

        if (request.Object("chat_template_kwargs") is not { } values) return variables;
        foreach (var (name, entry) in values.Fields())
        {
            variables[name] = values.Raw(entry);
            if (variables.Count > Bounds.MaxParts)
                throw request.Invalid("chat_template_kwargs", $"must have at most {Bounds.MaxParts} entries");
        }

        return variables;
    }
}
