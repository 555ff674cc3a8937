using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>The rule for base models: the contents joined by blank lines, with no markup.</summary>
internal sealed class PlainTemplate : IChatTemplate
{
    /// <inheritdoc/>
    public OutputFormat Format { get; } = new() { Calls = OutputFormats.Fallback };

    /// <inheritdoc/>
    public void Render(ChatRequest request, List<TextSegment> segments)
    {
        if (request.TemplateVariables.ContainsKey("documents"))
            throw JinjaTemplate.NoDocuments();

        var tools = ToolInstructions.Allowed(request);
        if (tools.Count > 0)
            segments.Add(TextSegment.Input($"{ToolInstructions.Describe(tools)} {ToolInstructions.Demand(request.ToolChoice)}".Trim()));

        foreach (var message in request.Messages)
        {
            if (string.IsNullOrEmpty(message.Content))
                continue;

            if (segments.Count > 0)
                segments.Add(TextSegment.Trusted("\n\n"));

            segments.Add(TextSegment.Input(message.Content));
        }
    }
}
