using System.Globalization;
using System.Text.Json;

namespace ModelRunner.Testing;

/// <summary>
/// Whether an instance satisfies a schema, told by evaluating the keywords on the parsed value: nothing is shared with
/// the compiler that it judges. Draft 2020-12, and what differs in drafts 4 to 7.
/// </summary>
public sealed partial class JsonSchemaValidator(JsonElement root)
{
    private readonly bool _referencesStandAlone = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("$schema", out var uri)
        && uri.GetString() is { } dialect && (dialect.Contains("draft-04") || dialect.Contains("draft-06") || dialect.Contains("draft-07"));

    public static bool IsValid(string schema, string instance)
    {
        using var schemaDocument = JsonDocument.Parse(schema);
        using var document = JsonDocument.Parse(instance);
        return new JsonSchemaValidator(schemaDocument.RootElement).Check(schemaDocument.RootElement, document.RootElement, new Seen());
    }

    private bool Check(JsonElement schema, JsonElement value, Seen seen)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return schema.ValueKind == JsonValueKind.True;
        if (schema.TryGetProperty("$ref", out var alone) && _referencesStandAlone)
            return Check(Resolve(alone.GetString()!), value, seen);

        var own = new Seen();
        foreach (var keyword in schema.EnumerateObject())
            if (!keyword.Name.StartsWith("unevaluated", StringComparison.Ordinal) && !CheckKeyword(schema, keyword.Name, keyword.Value, value, own))
                return false;

        foreach (var keyword in schema.EnumerateObject())
        {
            if (keyword.Name == "unevaluatedProperties" && value.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in value.EnumerateObject())
                    if (!own.Names.Contains(member.Name) && !Check(keyword.Value, member.Value, new Seen()))
                        return false;
                own.Names.UnionWith(value.EnumerateObject().Select(static member => member.Name));
            }
            else if (keyword.Name == "unevaluatedItems" && value.ValueKind == JsonValueKind.Array)
            {
                for (var i = 0; i < value.GetArrayLength(); i++)
                    if (!own.Items.Contains(i) && !Check(keyword.Value, value[i], new Seen()))
                        return false;
                own.Items.UnionWith(Enumerable.Range(0, value.GetArrayLength()));
            }
        }

        seen.Add(own);
        return true;
    }

    private bool CheckKeyword(JsonElement schema, string keyword, JsonElement argument, JsonElement value, Seen seen)
    {
        switch (keyword)
        {
            case "$ref" or "$dynamicRef":
                return Check(Resolve(argument.GetString()!), value, seen);
            case "type":
                return argument.ValueKind == JsonValueKind.Array
                    ? argument.EnumerateArray().Any(item => IsOfType(item.GetString()!, value))
                    : IsOfType(argument.GetString()!, value);
            case "const":
                return AreEqual(argument, value);
            case "enum":
                return argument.EnumerateArray().Any(item => AreEqual(item, value));
            case "allOf":
                return argument.EnumerateArray().All(item => Check(item, value, seen));
            case "anyOf":
                return argument.EnumerateArray().Where(item => Check(item, value, seen)).ToArray().Length > 0;
            case "oneOf":
                return argument.EnumerateArray().Count(item => Check(item, value, seen)) == 1;
            case "not":
                return !Check(argument, value, new Seen());
            case "if":
                return Check(argument, value, seen)
                    ? !schema.TryGetProperty("then", out var then) || Check(then, value, seen)
                    : !schema.TryGetProperty("else", out var otherwise) || Check(otherwise, value, seen);
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => CheckText(keyword, argument, value.GetString()!),
            JsonValueKind.Number => CheckNumber(schema, keyword, argument, value),
            JsonValueKind.Array => CheckArray(schema, keyword, argument, value, seen),
            JsonValueKind.Object => CheckObject(schema, keyword, argument, value, seen),
            _ => true,
        };
    }

    private static bool CheckText(string keyword, JsonElement argument, string text) => keyword switch
    {
        "minLength" => text.EnumerateRunes().Count() >= Count(argument),
        "maxLength" => text.EnumerateRunes().Count() <= Count(argument),
        "pattern" => Matches(argument.GetString()!, text),
        _ => true,
    };

    private static bool CheckNumber(JsonElement schema, string keyword, JsonElement argument, JsonElement value)
    {
        if (argument.ValueKind != JsonValueKind.Number)
            return true;

        var (number, bound) = (Exact(value), Exact(argument));
        return keyword switch
        {
            "minimum" => IsFlag(schema, "exclusiveMinimum") ? Compare(number, bound) > 0 : Compare(number, bound) >= 0,
            "maximum" => IsFlag(schema, "exclusiveMaximum") ? Compare(number, bound) < 0 : Compare(number, bound) <= 0,
            "exclusiveMinimum" => Compare(number, bound) > 0,
            "exclusiveMaximum" => Compare(number, bound) < 0,
            "multipleOf" => number.Over * bound.Under % (number.Under * bound.Over) == 0,
            _ => true,
        };
    }

    private JsonElement Resolve(string reference)
    {
        var parts = reference.Split('#', 2);
        var target = parts[0].Length == 0 ? root : Find(root, "$id", parts[0]) ?? throw new KeyNotFoundException(reference);
        var fragment = parts.Length > 1 ? parts[1] : "";
        if (fragment.Length > 0 && fragment[0] != '/')
            return Find(target, "$anchor", fragment) ?? Find(target, "$dynamicAnchor", fragment) ?? throw new KeyNotFoundException(reference);

        foreach (var step in fragment.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/").Replace("~0", "~");
            target = target.ValueKind == JsonValueKind.Array ? target[int.Parse(name, CultureInfo.InvariantCulture)] : target.GetProperty(name);
        }

        return target;
    }

    /// <summary>The subschema that is called so.</summary>
    private static JsonElement? Find(JsonElement schema, string keyword, string name)
    {
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(keyword, out var called) && called.ValueKind == JsonValueKind.String && called.GetString() == name)
            return schema;

        IEnumerable<JsonElement> children = schema.ValueKind switch
        {
            JsonValueKind.Object => schema.EnumerateObject().Select(static member => member.Value),
            JsonValueKind.Array => schema.EnumerateArray(),
            _ => [],
        };
        return children.Select(child => Find(child, keyword, name)).FirstOrDefault(static found => found is not null);
    }

    /// <summary>What keywords have looked at, for those that ask for the rest.</summary>
    private sealed class Seen
    {
        public HashSet<string> Names { get; } = [];

        public HashSet<int> Items { get; } = [];

        public void Add(Seen other)
        {
            Names.UnionWith(other.Names);
            Items.UnionWith(other.Items);
        }
    }
}
