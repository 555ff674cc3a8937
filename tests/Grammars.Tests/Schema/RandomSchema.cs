using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelRunner.Grammars.Tests.Schema;

/// <summary>Random schemas over few names and values, so that keywords meet; and random instances for them.</summary>
internal sealed class RandomSchema(Random random)
{
    private static readonly string[] Names = ["a", "b", "ab", "name"];
    private static readonly string[] Types = ["null", "boolean", "integer", "number", "string", "array", "object"];
    private static readonly string[] Patterns = ["^a", "b$", "^[ab]{1,3}$", "a.*b", "^(a|bc)+$", "[^a]"];

    public JsonNode Next(int depth)
    {
        if (depth <= 0)
            return Leaf();

        return random.Next(12) switch
        {
            0 => new JsonObject { ["anyOf"] = Several(depth) },
            1 => new JsonObject { ["oneOf"] = Several(depth) },
            2 => new JsonObject { ["allOf"] = Several(depth) },
            3 => new JsonObject { ["not"] = Leaf() },
            4 => new JsonObject { ["if"] = Next(0), ["then"] = Next(depth - 1), ["else"] = Next(depth - 1) },
            5 or 6 => Array(depth),
            7 => Leaf(),
            _ => Object(depth),
        };
    }

    public JsonNode? Instance(int depth) => random.Next(depth > 0 ? 8 : 5) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(random.Next(-3, 12)),
        3 => JsonValue.Create(random.Next(-20, 60) / 4.0),
        4 => JsonValue.Create(Pick("", "a", "b", "ab", "bca", "x\"y", "é")),
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Instance(depth - 1))]),
        _ => new JsonObject(Names.Where(_ => random.Next(2) == 0).Select(name => KeyValuePair.Create(name, Instance(depth - 1)))),
    };

    private JsonArray Several(int depth) => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Next(depth - 1))];

    private JsonNode Leaf() => random.Next(11) switch
    {
        0 => JsonValue.Create(random.Next(4) != 0),
        1 => new JsonObject { ["type"] = Pick(Types) },
        2 => new JsonObject { ["enum"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Instance(1))]) },
        3 => new JsonObject { ["const"] = Instance(1) },
        4 => new JsonObject { ["type"] = "integer", ["minimum"] = random.Next(-5, 5), ["maximum"] = random.Next(3, 120) },
        5 => new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = random.Next(-8, 8) / 4.0, ["multipleOf"] = Pick("1", "0.5", "3") is var step ? JsonNode.Parse(step) : null },
        6 => new JsonObject { ["type"] = "string", ["minLength"] = random.Next(3), ["maxLength"] = random.Next(2, 6) },
        7 => new JsonObject { ["type"] = "string", ["pattern"] = Pick(Patterns) },
        8 => new JsonObject { ["required"] = new JsonArray(Pick(Names)) },
        9 => new JsonObject { ["type"] = new JsonArray(Pick(Types), Pick(Types)) },
        _ => new JsonObject(),
    };

    private JsonObject Array(int depth)
    {
        var schema = new JsonObject { ["type"] = "array" };
        if (random.Next(2) == 0) schema["items"] = Next(depth - 1);
        if (random.Next(4) == 0) schema["prefixItems"] = Several(depth);
        if (random.Next(3) == 0) schema["minItems"] = random.Next(3);
        if (random.Next(3) == 0) schema["maxItems"] = random.Next(1, 4);
        if (random.Next(5) == 0) schema["contains"] = Leaf();
        if (random.Next(6) == 0)
        {
            schema["uniqueItems"] = true;
            schema["items"] = new JsonObject { ["enum"] = new JsonArray("a", 1, "b", true, 2) };
            schema.Remove("contains");
        }

        return schema;
    }

    private JsonObject Object(int depth)
    {
        var schema = new JsonObject { ["type"] = "object" };
        var properties = new JsonObject();
        foreach (var name in Names)
            if (random.Next(2) == 0)
                properties[name] = Next(depth - 1);

        schema["properties"] = properties;
        if (random.Next(2) == 0) schema["required"] = new JsonArray(Pick(Names));
        if (random.Next(3) == 0) schema["additionalProperties"] = random.Next(2) == 0 ? false : Next(depth - 1);
        if (random.Next(5) == 0) schema["patternProperties"] = new JsonObject { [Pick(Patterns)] = Next(depth - 1) };
        if (random.Next(6) == 0) schema["propertyNames"] = new JsonObject { ["pattern"] = Pick(Patterns) };
        if (random.Next(6) == 0) schema["minProperties"] = random.Next(4);
        if (random.Next(6) == 0) schema["maxProperties"] = random.Next(1, 4);
        if (random.Next(6) == 0) schema["dependentRequired"] = new JsonObject { [Pick(Names)] = new JsonArray(Pick(Names)) };
        if (random.Next(8) == 0) schema["dependentSchemas"] = new JsonObject { [Pick(Names)] = Next(depth - 1) };
        return schema;
    }

    private T Pick<T>(params T[] values) => values[random.Next(values.Length)];
}
