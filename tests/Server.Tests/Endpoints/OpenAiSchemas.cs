using System.Text.Json.Nodes;
using ModelRunner.Testing;
using NJsonSchema;

namespace ModelRunner.Server.Tests.Endpoints;

/// <summary>OpenAI's own schemas of its answers, where they are on this machine.</summary>
internal sealed class OpenAiSchemas
{
    private readonly JsonObject _definitions;
    private readonly Dictionary<string, JsonSchema> _schemas = new(StringComparer.Ordinal);

    private OpenAiSchemas(JsonObject definitions) => _definitions = definitions;

    /// <summary>Reads them; the calling test is reported skipped where they are absent.</summary>
    public static OpenAiSchemas Require()
    {
        var text = File.ReadAllText(SharedData.Require("data/openai-schemas.json"))
            .Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal);
        var definitions = JsonNode.Parse(text)!["components"]!["schemas"]!.AsObject();
        definitions.Parent!.AsObject().Remove("schemas");
        MakeNullable(definitions);
        return new OpenAiSchemas(definitions);
    }

    /// <summary>What is wrong with a JSON text by the schema of that name.</summary>
    public async Task<IEnumerable<string>> ValidateAsync(string name, string json)
    {
        if (!_schemas.TryGetValue(name, out var schema))
        {
            var reference = new JsonObject { ["$ref"] = $"#/definitions/{name}" };
            var root = new JsonObject { ["allOf"] = new JsonArray(reference), ["definitions"] = _definitions.DeepClone() };
            _schemas[name] = schema = await JsonSchema.FromJsonAsync(root.ToJsonString(), TestContext.Current.CancellationToken);
        }

        return schema.Validate(json).Select(error => $"{error.Path}: {error.Kind} in {json}");
    }

    /// <summary>OpenAPI's <c>nullable</c> as JSON Schema says it.</summary>
    private static void MakeNullable(JsonNode? node)
    {
        foreach (var child in node switch
        {
            JsonObject map => map.Select(property => property.Value).ToList(),
            JsonArray array => [.. array],
            _ => [],
        })
        {
            MakeNullable(child);
        }

        if (node is not JsonObject schema || schema["nullable"]?.GetValueKind() != System.Text.Json.JsonValueKind.True) return;
        schema.Remove("nullable");
        var plain = schema.DeepClone();
        schema.Clear();
        schema["anyOf"] = new JsonArray(plain, new JsonObject { ["type"] = "null" });
    }
}
