using System.Text.Json;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Parsing;

/// <summary>What the schemas of a request's tools say about single parameters.</summary>
internal sealed class ToolTypes
{
    private readonly Dictionary<string, Dictionary<string, string>> _types = new(StringComparer.Ordinal);

    public ToolTypes(IEnumerable<ChatTool> tools)
    {
        foreach (var tool in tools)
            _types[tool.Name] = Read(tool.ParametersSchema);
    }

    public bool Has(string tool) => _types.ContainsKey(tool);

    /// <summary>The JSON of a value that was written as text.</summary>
    /// <param name="tool">The function.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="text">What was written.</param>
    /// <param name="isText">What the markup says about it; null when nothing.</param>
    public string ToJson(string tool, string parameter, string text, bool? isText)
    {
        var type = _types.TryGetValue(tool, out var parameters) ? parameters.GetValueOrDefault(parameter) : null;
        if (isText == true || (isText is null && type == "string") || !IsJson(text))
            return CallReader.Quote(text);

        return text.Trim();
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Dictionary<string, string> Read(JsonText schema)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        if (schema.IsAbsent)
            return types;

        using var document = JsonDocument.Parse(schema.Utf8);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("properties", out var properties)
            || properties.ValueKind != JsonValueKind.Object)
        {
            return types;
        }

        foreach (var property in properties.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Object
                && property.Value.TryGetProperty("type", out var type)
                && type.ValueKind == JsonValueKind.String)
            {
                types[property.Name] = type.GetString()!;
            }
        }

        return types;
    }
}
