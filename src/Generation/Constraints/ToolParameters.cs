using System.Text.Json.Nodes;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Constraints;

/// <summary>A parameter of a tool that a format writes one by one.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="IsRequired">Whether every call has it.</param>
/// <param name="IsText">Whether it is a string, which the format writes without quotes.</param>
/// <param name="Field">The field of the request that the schema stands in.</param>
internal sealed record ToolParameter(string Name, JsonObject Schema, bool IsRequired, bool IsText, string Field)
{
    /// <summary>Its values as JSON, in a grammar.</summary>
    public JsonObject ToNode() => new() { ["schema"] = Schema.DeepClone(), ["parameter"] = Field };
}

/// <summary>The parameters of tools, apart.</summary>
internal static class ToolParameters
{
    private static readonly string[] Known =
    [
        "type", "properties", "required", "additionalProperties", "title", "description", "$schema", "$id", "$comment", "$defs",
        "definitions", "default", "examples", "strict",
    ];

    private static readonly string[] TextKeywords =
        ["type", "enum", "const", "pattern", "format", "minLength", "maxLength", "title", "description", "default", "examples", "$comment"];

    /// <summary>The parameters in the order of the schema; null where any are allowed.</summary>
    /// <exception cref="InvalidRequestException">The tool is strict, and its schema says more than single parameters do.</exception>
    public static IReadOnlyList<ToolParameter>? Read(ChatTool tool, string field)
    {
        if (tool.ParametersSchema.IsAbsent)
            return tool.IsStrict ? [] : null;

        var schema = JsonNode.Parse(tool.ParametersSchema.Utf8.Span)!.AsObject();
        var unknown = schema.FirstOrDefault(keyword => !Known.Contains(keyword.Key)).Key;
        if (unknown is not null)
        {
            return tool.IsStrict
                ? throw new InvalidRequestException($"'{field}' has '{unknown}' beside its properties, which the tool format of this model has no place for.", field)
                : null;
        }

        if (schema["properties"] is not JsonObject properties)
            return schema["additionalProperties"] is JsonValue value && value.TryGetValue<bool>(out var allows) && !allows ? [] : null;

        var required = schema["required"] is JsonArray names ? names.Select(name => name?.ToString()).ToHashSet() : [];
        return [.. properties.Select(property =>
        {
            var own = property.Value as JsonObject ?? new JsonObject();
            var isText = IsString(own["type"], "string");
            if (isText && tool.IsStrict && own.FirstOrDefault(keyword => !TextKeywords.Contains(keyword.Key)).Key is { } more)
                throw new InvalidRequestException($"'{field}' has '{more}' in '{property.Key}', which the tool format of this model has no place for.", field);

            return new ToolParameter(property.Key, isText ? own.DeepClone().AsObject() : WithDefinitions(own, schema), required.Contains(property.Key), isText, field);
        })];
    }

    /// <summary>A text that ends at a marker, as far as a schema binds it.</summary>
    /// <param name="schema">The schema; null for any text.</param>
    /// <param name="marker">The marker.</param>
    /// <param name="isPadded">Whether a newline on either side is markup.</param>
    public static JsonObject Text(JsonObject? schema, string marker, bool isPadded)
    {
        var node = new JsonObject { ["until"] = marker, ["padded"] = isPadded };
        if (schema is null)
            return node;

        foreach (var keyword in (ReadOnlySpan<string>)["pattern", "format", "minLength", "maxLength"])
            if (schema[keyword] is { } value)
                node[keyword] = value.DeepClone();

        var choices = schema["enum"] as JsonArray ?? (schema["const"] is { } only ? [only.DeepClone()] : null);
        if (choices is not null)
            node["choices"] = new JsonArray([.. choices.Where(choice => IsString(choice)).Select(choice => choice!.DeepClone())]);

        return node;
    }

    private static bool IsString(JsonNode? node, string? expected = null) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && (expected is null || text == expected);

    // What a property refers to stands beside the properties.
    private static JsonObject WithDefinitions(JsonObject own, JsonObject root)
    {
        if (root["$defs"] is null && root["definitions"] is null)
            return own.DeepClone().AsObject();

        var schema = new JsonObject { ["allOf"] = new JsonArray(own.DeepClone()) };
        foreach (var name in (ReadOnlySpan<string>)["$defs", "definitions"])
            if (root[name] is { } definitions)
                schema[name] = definitions.DeepClone();

        return schema;
    }
}
