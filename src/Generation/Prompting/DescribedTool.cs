using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Prompting;

/// <summary>Tools with what OpenAI lets away and some templates join to their text without asking for it.</summary>
internal static class DescribedTool
{
    private static readonly JsonDocumentOptions Unique = new() { AllowDuplicateProperties = false };

    /// <summary>
    /// The tool with an empty description of itself and of each parameter, and with parameters, where it has none. As it
    /// is where it cannot be read as that.
    /// </summary>
    public static JsonText From(JsonText tool)
    {
        try
        {
            if (JsonNode.Parse(tool.Utf8.Span, documentOptions: Unique) is not JsonObject { } root || root["function"] is not JsonObject function)
                return tool;

            function["description"] ??= "";
            function["parameters"] ??= new JsonObject { ["type"] = "object" };
            if (function["parameters"] is JsonObject parameters)
            {
                parameters["properties"] ??= new JsonObject();
                if (parameters["properties"] is JsonObject properties)
                    foreach (var (_, parameter) in properties)
                        if (parameter is JsonObject described)
                            described["description"] ??= "";
            }

            return new JsonText(Encoding.UTF8.GetBytes(root.ToJsonString()));
        }
        catch (JsonException)
        {
            return tool;
        }
    }
}
