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

    /// <summary>An object, or an array, whose unevaluated keyword asks what its branches have seen.</summary>
    public JsonNode Watched()
    {
        var isObject = random.Next(4) != 0;
        var schema = Part(isObject);
        schema["type"] = isObject ? "object" : "array";
        if (random.Next(3) == 0) schema["allOf"] = Parts();
        if (random.Next(2) == 0) schema["anyOf"] = Parts();
        if (random.Next(4) == 0) schema["oneOf"] = Parts();
        if (random.Next(4) == 0) schema["not"] = Part(isObject);
        if (random.Next(3) == 0) schema["if"] = Part(isObject);
        if (random.Next(2) == 0) schema["then"] = Part(isObject);
        if (random.Next(2) == 0) schema["else"] = Part(isObject);
        if (isObject && random.Next(5) == 0) schema["dependentSchemas"] = new JsonObject { [Pick(Names)] = Part(isObject) };
        if (random.Next(3) == 0)
        {
            schema["$defs"] = new JsonObject { ["p"] = Part(isObject) };
            var shared = new JsonObject { ["$ref"] = "#/$defs/p" };
            schema[Pick("then", "else", "if")] = shared;
            if (random.Next(2) == 0) schema["if"] = new JsonObject { ["not"] = shared.DeepClone() };
        }

        schema[isObject ? "unevaluatedProperties" : "unevaluatedItems"] = random.Next(3) == 0 ? Leaf() : false;
        return schema;

        JsonArray Parts() => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Part(isObject))];
    }

    private JsonObject Part(bool isObject)
    {
        var part = new JsonObject();
        if (!isObject)
        {
            if (random.Next(2) == 0) part["prefixItems"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Leaf())]);
            if (random.Next(6) == 0) part["items"] = Leaf();
            if (random.Next(4) == 0) part["minItems"] = random.Next(3);
            return part;
        }

        if (random.Next(4) != 0) part["properties"] = new JsonObject { [Pick(Names)] = random.Next(2) == 0 ? Leaf() : true };
        if (random.Next(3) == 0) part["required"] = new JsonArray(Pick(Names));
        if (random.Next(8) == 0) part["patternProperties"] = new JsonObject { [Pick(Patterns)] = Leaf() };
        if (random.Next(12) == 0) part["additionalProperties"] = Leaf();
        if (random.Next(8) == 0) part["enum"] = new JsonArray([.. Enumerable.Range(0, 2).Select(_ => Instance(1))]);
        return part;
    }

    public JsonNode? Instance(int depth) => random.Next(depth > 0 ? 8 : 5) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(random.Next(-3, 12)),
        3 => JsonValue.Create(random.Next(-20, 60) / 4.0),
        4 => JsonValue.Create(Pick("", "a", "b", "ab", "bca", "x\"y", "é")),
        5 => List(depth),
        _ => Map(depth),
    };

    /// <summary>An instance that is an object or an array, as often as <see cref="Watched"/> asks for one.</summary>
    public JsonNode Container() => random.Next(4) != 0 ? Map(1) : List(1);

    private JsonArray List(int depth) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Instance(depth - 1))];

    private JsonObject Map(int depth) =>
        new(Names.Where(_ => random.Next(2) == 0).Select(name => KeyValuePair.Create(name, Instance(depth - 1))));

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
