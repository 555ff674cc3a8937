using System.Text.Json;

namespace ModelRunner.Grammars.Schema;

/// <summary>Reading of keywords' values, with errors that name the place.</summary>
internal static class Keywords
{
    /// <summary>Whether a <c>type</c> keyword's value allows a type.</summary>
    public static bool Allows(SchemaNode node, JsonElement type, JsonType wanted)
    {
        if (type.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in type.EnumerateArray())
                if (Allows(node, item, wanted))
                    return true;

            return false;
        }

        if (type.ValueKind != JsonValueKind.String)
            throw node.Refuse("type", "must be a string or an array of strings");

        return type.GetString() switch
        {
            "null" => wanted == JsonType.Null,
            "boolean" => wanted is JsonType.True or JsonType.False,
            "number" or "integer" => wanted == JsonType.Number,
            "string" => wanted == JsonType.String,
            "array" => wanted == JsonType.Array,
            "object" => wanted == JsonType.Object,
            "any" => true,
            var name => throw node.Refuse("type", $"names the unknown type '{name}'"),
        };
    }

    /// <summary>Whether among the types that allow numbers there are only integers.</summary>
    public static bool IsIntegerOnly(JsonElement type) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(static item => Is(item, "integer")) && !type.EnumerateArray().Any(static item => Is(item, "number") || Is(item, "any"))
        : Is(type, "integer");

    private static bool Is(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    public static JsonType TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonType.Null,
        JsonValueKind.False => JsonType.False,
        JsonValueKind.True => JsonType.True,
        JsonValueKind.Number => JsonType.Number,
        JsonValueKind.String => JsonType.String,
        JsonValueKind.Array => JsonType.Array,
        _ => JsonType.Object,
    };

    /// <summary>A count: a non-negative integer, also in the form 2.0.</summary>
    public static int Count(SchemaNode node, string keyword, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && DecimalText.Parse(value.GetRawText()) is { IsNegative: false, IsInteger: true } number)
            return int.TryParse(number.Integer, out var count) && count < 1_000_000_000 ? count : 1_000_000_000;

        throw node.Refuse(keyword, "must be a non-negative integer");
    }

    public static DecimalText Number(SchemaNode node, string keyword, JsonElement value) =>
        (value.ValueKind == JsonValueKind.Number ? DecimalText.Parse(value.GetRawText()) : null)
        ?? throw node.Refuse(keyword, "must be a number of reasonable size");

    public static string Text(SchemaNode node, string keyword, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw node.Refuse(keyword, "must be a string");

    public static IEnumerable<string> Texts(SchemaNode node, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw node.Refuse(keyword, "must be an array of strings");

        foreach (var item in value.EnumerateArray())
            yield return Text(node, keyword, item);
    }

    public static void RequireObject(SchemaNode node, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw node.Refuse(keyword, "must be an object");
    }

    /// <summary>The members of a keyword's value, which must be an object.</summary>
    public static JsonElement.ObjectEnumerator Members(SchemaNode node, string keyword, JsonElement value)
    {
        RequireObject(node, keyword, value);
        return value.EnumerateObject();
    }

    /// <summary>The entries of a keyword's value, which must be an array.</summary>
    public static JsonElement.ArrayEnumerator Entries(SchemaNode node, string keyword, JsonElement value)
    {
        RequireArray(node, keyword, value);
        return value.EnumerateArray();
    }

    public static void RequireArray(SchemaNode node, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw node.Refuse(keyword, "must be an array");
    }

    /// <summary>Whether a keyword restricts no value of a type. Keywords that are not known restrict nothing.</summary>
    public static bool IsIdle(string keyword, JsonType type) => keyword switch
    {
        "$ref" or "$dynamicRef" or "$recursiveRef" or "type" or "enum" or "const" or "allOf" or "anyOf" or "oneOf" or "not" or "if"
            => false,
        "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "multipleOf" or "divisibleBy" => type != JsonType.Number,
        "minLength" or "maxLength" or "pattern" or "format" => type != JsonType.String,
        "items" or "prefixItems" or "additionalItems" or "minItems" or "maxItems" or "uniqueItems" or "contains"
            or "unevaluatedItems" => type != JsonType.Array,
        "properties" or "patternProperties" or "additionalProperties" or "required" or "minProperties" or "maxProperties"
            or "propertyNames" or "dependencies" or "dependentRequired" or "dependentSchemas" or "unevaluatedProperties"
            => type != JsonType.Object,
        _ => true,
    };
}
