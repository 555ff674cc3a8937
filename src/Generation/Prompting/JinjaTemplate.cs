using System.Globalization;
using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.ChatTemplates;
using ModelRunner.ChatTemplates.Values;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>A model's own template, with the variables and messages that it can read.</summary>
internal sealed class JinjaTemplate : IChatTemplate
{
    private readonly ChatTemplate _template;
    private readonly Dictionary<string, Value> _tokens;
    private readonly TemplateAbilities _abilities;
    private readonly TimeProvider _time;

    /// <exception cref="TemplateException">The text is no template.</exception>
    /// <exception cref="JsonException">The response template is none.</exception>
    public JinjaTemplate(string source, ITokenizer tokenizer, TimeProvider time, string? responseTemplate = null)
    {
        _template = ChatTemplate.Compile(source);
        _time = time;

        // Templates add these to texts without asking whether the vocabulary has them.
        _tokens = new Dictionary<string, Value>
        {
            ["bos_token"] = Value.From(tokenizer.GetText(tokenizer.BeginOfSequence)),
            ["eos_token"] = Value.From(tokenizer.GetText(tokenizer.EndOfSequence)),
        };
        _abilities = TemplateAbilities.Probe(_template, _tokens);
        Format = FormatDetector.Detect(_template, _tokens, _abilities, responseTemplate);
    }

    /// <inheritdoc/>
    public OutputFormat Format { get; }

    /// <inheritdoc/>
    public void Render(ChatRequest request, List<TextSegment> segments)
    {
        try
        {
            AddTo(segments, request, static tool => tool);
        }
        catch (TemplateException exception)
        {
            if (ToolInstructions.Allowed(request).Count == 0 || !TryAddTo(segments, request, DescribedTool.From))
                throw new InvalidRequestException($"The chat template refuses the request: {exception.Message}", "messages");
        }
    }

    private bool TryAddTo(List<TextSegment> segments, ChatRequest request, Func<JsonText, JsonText> describe)
    {
        try
        {
            AddTo(segments, request, describe);
            return true;
        }
        catch (TemplateException)
        {
            return false;
        }
    }

    private void AddTo(List<TextSegment> segments, ChatRequest request, Func<JsonText, JsonText> describe) =>
        segments.AddRange(_template.Render(Variables(request, describe), _time.GetLocalNow()).Segments);

    private Dictionary<string, Value> Variables(ChatRequest request, Func<JsonText, JsonText> describe)
    {
        var variables = new Dictionary<string, Value>(_tokens);
        var tools = ToolInstructions.Allowed(request);
        var instructions = ToolInstructions.Demand(request.ToolChoice);
        if (tools.Count > 0 && _abilities.HasTools)
            variables["tools"] = new ListValue(tools.Select(tool => Value.FromJson(describe(tool.Json))));
        else if (tools.Count > 0)
            instructions = $"{ToolInstructions.Describe(tools)}\n\n{instructions}".Trim();

        if (tools.Count == 0)
            instructions = "";

        variables["messages"] = new MessageValues(_abilities).Map(request, instructions);
        variables["add_generation_prompt"] = Value.From(true);
        AddReasoning(request, variables);
        if (request.TemplateVariables.ContainsKey("documents") && !_template.FreeNames.Contains("documents"))
            throw NoDocuments();

        foreach (var (name, json) in request.TemplateVariables)
            variables[name] = Value.FromJson(json);

        return variables;
    }

    internal static InvalidRequestException NoDocuments() => new("The model's chat template does not read documents.", "documents");

    private void AddReasoning(ChatRequest request, Dictionary<string, Value> variables)
    {
        if (request.ReasoningTokenBudget is { } budget && _template.FreeNames.Contains("thinking_budget"))
            variables["thinking_budget"] = Value.FromJson(JsonText.From(budget.ToString(CultureInfo.InvariantCulture)));

        if (request.ReasoningEffort is not { } effort)
            return;

        foreach (var name in (ReadOnlySpan<string>)["enable_thinking", "thinking"])
            if (_template.FreeNames.Contains(name))
                variables[name] = Value.From(effort != "none");

        if (effort != "none" && _template.FreeNames.Contains("reasoning_effort"))
            variables["reasoning_effort"] = Value.FromInput(effort);
    }
}
