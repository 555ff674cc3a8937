using System.Text.Json;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Requests;

/// <summary>
/// Makes values that are valid by OpenAI's schema of a request, but for those that a caller breaks on purpose: whole tools,
/// choices of tools, schemas and conversations, which chance alone never forms.
/// </summary>
/// <param name="random">Chooses.</param>
/// <param name="breakAt">Asked at each value inside a field: what stands there instead, or null to leave it valid.</param>
// Not for secrets: a case is made again from its number.
#pragma warning disable CA5394
internal sealed class SchemaValues(Random random, Func<string?> breakAt)
{
    private const int MaxDepth = 8;
    private const string Reference = "#/components/schemas/";

    // Names that calls, tools and choices share, or they would never meet.
    private static readonly string[] Words = ["get_weather", "lookup", "Paris", "a", "x y", "{\\\"city\\\":\\\"Paris\\\"}", "{}", "é"];

    // What OpenAI's schema leaves open: parameters of functions and schemas of answers.
    private static readonly string[] Schemas =
    [
        """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}""",
        """{"type":"object","properties":{"n":{"type":"integer","minimum":-5,"maximum":5},"of":{"type":"array","items":{"enum":["a",1,null]},"maxItems":3}}}""",
        """{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["next"]}}}""",
        """{"type":"object","properties":{"at":{"type":"string","format":"date-time"},"id":{"type":"string","pattern":"^[a-f]{2,4}$"}},"required":["id"]}""",
        """{"type":"object","oneOf":[{"required":["a"]},{"required":["b"]}],"properties":{"a":{"const":1},"b":{"type":"number","multipleOf":0.5}}}""",
        """{"type":"object","allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"a":{"type":"integer"}},"required":["a"]}]}""",
        """{"type":"object","patternProperties":{"^x":{"type":"boolean"}},"unevaluatedProperties":false,"minProperties":1}""",
        """{"type":"array","items":{"$ref":"#"},"uniqueItems":true}""", """{"type":"object"}""", "{}",
        """{"type":"object","properties":{"a":{"$ref":"#/$defs/none"}}}""", """{"type":"objekt"}""", """{"not":{}}""",
    ];

    private static readonly Lazy<JsonElement?> Document = new(Read);

    /// <summary>Whether OpenAI's schemas are on this machine.</summary>
    public static bool AreKnown => Document.Value is not null;

    /// <summary>The fields of a request with their schemas.</summary>
    /// <param name="request">The name of the request's schema.</param>
    public static IReadOnlyList<(string Name, JsonElement Schema)> FieldsOf(string request) => [.. Properties(Resolve(request))];

    /// <summary>JSON that the schema allows.</summary>
    public string Make(JsonElement schema, int depth = 0)
    {
        if (depth > 0 && breakAt() is { } broken) return broken;
        if (schema.TryGetProperty("$ref", out var reference)) return Make(Resolve(reference.GetString()![Reference.Length..]), depth);
        if (schema.TryGetProperty("enum", out var values)) return Pick([.. values.EnumerateArray()]).GetRawText();
        foreach (var choice in new[] { "oneOf", "anyOf" })
            if (schema.TryGetProperty(choice, out var branches))
                return Make(Branch([.. branches.EnumerateArray()]), depth + 1);

        return TypeOf(schema) switch
        {
            "object" => MakeObject(schema, depth),
            "array" => $"[{string.Join(',', Repeat(schema, "minItems", () => Make(schema.GetProperty("items"), depth + 1)))}]",
            "string" => $"\"{Pick(Words)}\"",
            "boolean" => random.Next(2) == 0 ? "true" : "false",
            "integer" or "number" => $"{random.Next(Bound(schema, "minimum", 0), Bound(schema, "maximum", 4) + 1)}",
            _ => "null",
        };
    }

    private string MakeObject(JsonElement schema, int depth)
    {
        var properties = Properties(schema).ToList();
        if (properties.Count == 0)
            return schema.TryGetProperty("additionalProperties", out var open) && open.ValueKind == JsonValueKind.Object ? $"{{\"7\":{Make(open, depth + 1)}}}" : Pick(Schemas);

        var required = Required(schema).ToHashSet(StringComparer.Ordinal);
        return $"{{{string.Join(',', properties
            .Where(property => required.Contains(property.Name) || (depth < MaxDepth && random.Next(2) == 0))
            .Select(property => $"\"{property.Name}\":{Make(property.Schema, depth + 1)}"))}}}";
    }

    private IEnumerable<string> Repeat(JsonElement schema, string minimum, Func<string> make) =>
        Enumerable.Range(0, Math.Max(Bound(schema, minimum, 0), random.Next(1, 4))).Select(_ => make());

    /// <summary>Half the time the first, which is the common one: the function among tools, the text among contents.</summary>
    private JsonElement Branch(JsonElement[] branches) => random.Next(2) == 0 ? branches[0] : Pick(branches);

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];

    private static int Bound(JsonElement schema, string name, int otherwise) =>
        schema.TryGetProperty(name, out var bound) && Math.Abs(bound.GetDouble()) < 1_000 ? (int)bound.GetDouble() : otherwise;

    private static string TypeOf(JsonElement schema) =>
        schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString()!
        : schema.TryGetProperty("properties", out _) || schema.TryGetProperty("allOf", out _) ? "object" : "null";

    private static IEnumerable<(string Name, JsonElement Schema)> Properties(JsonElement schema) =>
        Parts(schema).SelectMany(part => part.TryGetProperty("properties", out var own)
            ? own.EnumerateObject().Select(property => (property.Name, property.Value)) : []);

    private static IEnumerable<string> Required(JsonElement schema) =>
        Parts(schema).SelectMany(part => part.TryGetProperty("required", out var own)
            ? own.EnumerateArray().Select(name => name.GetString()!) : []);

    /// <summary>A schema and all that it is put together of.</summary>
    private static IEnumerable<JsonElement> Parts(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference)) schema = Resolve(reference.GetString()![Reference.Length..]);
        return schema.TryGetProperty("allOf", out var parts) ? parts.EnumerateArray().SelectMany(Parts).Prepend(schema) : [schema];
    }

    private static JsonElement Resolve(string name) => Document.Value!.Value.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private static JsonElement? Read() =>
        SharedData.Find("data/openai-schemas.json") is { } path ? JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(path)) : null;
}
