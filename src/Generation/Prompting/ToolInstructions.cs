using System.Text;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Prompting;

/// <summary>The words by which a model is told about tools, where its template does not do it.</summary>
internal static class ToolInstructions
{
    /// <summary>The tools of a request, in the format of the fallback.</summary>
    public static string Describe(IReadOnlyList<ChatTool> tools)
    {
        var text = new StringBuilder("You may call functions to help with the user's request. They are described by JSON Schema:\n<tools>\n");
        foreach (var tool in tools)
            text.Append(tool.Json.ToString()).Append('\n');

        return text.Append("</tools>\nTo call one, write a JSON object with its name and arguments between tags:\n<tool_call>\n{\"name\": \"function_name\", \"arguments\": {}}\n</tool_call>").ToString();
    }

    /// <summary>What the choice of tools demands; empty when it is the model's.</summary>
    public static string Demand(ToolChoice choice) => choice switch
    {
        { Mode: ToolChoiceMode.Required, AllowedNames: [var name] } => $"You must call the function {name} now.",
        { Mode: ToolChoiceMode.Required } => "You must call at least one of the functions now.",
        _ => "",
    };

    /// <summary>The tools that the choice leaves.</summary>
    public static IReadOnlyList<ChatTool> Allowed(ChatRequest request) =>
        request.ToolChoice.Mode == ToolChoiceMode.None ? []
        : request.ToolChoice.AllowedNames.Count == 0 ? request.Tools
        : [.. request.Tools.Where(tool => request.ToolChoice.AllowedNames.Contains(tool.Name))];
}
