using System.Text.Json.Nodes;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Generation.Parsing;
using ModelRunner.Generation.Prompting;

namespace ModelRunner.Generation.Constraints;

/// <summary>
/// What a chat's answer must follow: its calls where they are demanded or strict, its content where a format is asked
/// for, both behind the reasoning.
/// </summary>
internal static class ChatConstraint
{
    /// <param name="request">The request.</param>
    /// <param name="prompt">Its prompt, with the format of the answer.</param>
    /// <param name="isEnd">Whether a text is that of a token that ends a generation.</param>
    /// <returns>The constraint, or null for free text.</returns>
    /// <exception cref="Abstractions.Errors.InvalidRequestException">A strict tool cannot be honoured; names it.</exception>
    public static ConstraintSpecification? Find(ChatRequest request, ChatPrompt prompt, Func<string, bool> isEnd)
    {
        var format = prompt.Format;
        var constraint = FindCalls(request, format, isEnd) ?? request.Constraint;
        var budget = format.Reasoning is null ? null : request.ReasoningTokenBudget;
        if (constraint is null && budget is not null)
            constraint = new ConstraintSpecification(ConstraintKind.Free, JsonText.From("\"\""));

        if (constraint is null)
            return null;

        constraint = constraint with { Written = prompt.Written };
        if (format.Reasoning is null && format.Noise.Count == 0)
            return constraint;

        return constraint with
        {
            Preamble = new ConstraintPreamble(
                format.Reasoning?.Open ?? "", format.Reasoning?.Close ?? "", prompt.OpensReasoning, [.. format.Noise.Where(marker => !isEnd(marker))])
            {
                TokenBudget = budget,
            },
        };
    }

    private static ConstraintSpecification? FindCalls(ChatRequest request, OutputFormat format, Func<string, bool> isEnd)
    {
        var tools = ToolInstructions.Allowed(request);
        if (tools.Count == 0 || format.Calls is not { } calls)
            return null;

        var isRequired = request.ToolChoice.Mode == ToolChoiceMode.Required;
        var content = isRequired ? null : ContentOf(request.Constraint);
        if (!isRequired && content is null && (request.Constraint is not null || !tools.Any(tool => tool.IsStrict)))
            return null;

        var source = new CallGrammar(calls, request.Tools, isEnd).Write(tools, isOnce: !request.ParallelToolCalls);
        if (isRequired)
            source["required"] = true;
        else if (content is not null)
            source["content"] = content;
        else if (calls.IsBare)
            source["first"] = true;

        return new ConstraintSpecification(ConstraintKind.Parts, JsonText.From(source.ToJsonString()))
        {
            IsStrict = request.Constraint?.IsStrict == true || tools.Any(tool => tool.IsStrict),
            Parameter = "tools",
        };
    }

    /// <summary>A format of the content as a part of a grammar; null where there is none that can be.</summary>
    private static JsonObject? ContentOf(ConstraintSpecification? constraint) => constraint?.Kind switch
    {
        ConstraintKind.JsonSchema => Schema(JsonNode.Parse(constraint.Source.Utf8.Span)),
        ConstraintKind.JsonObject => Schema(new JsonObject { ["type"] = "object" }),
        ConstraintKind.Choice => new JsonObject { ["any"] = JsonNode.Parse(constraint.Source.Utf8.Span) },
        ConstraintKind.Regex => new JsonObject { ["pattern"] = JsonNode.Parse(constraint.Source.Utf8.Span) },
        _ => null,
    };

    private static JsonObject Schema(JsonNode? schema) => new() { ["schema"] = schema, ["parameter"] = "response_format" };
}
