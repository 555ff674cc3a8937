using System.Text.Json;

namespace ModelRunner.Testing;

// The keywords of arrays and objects.
public sealed partial class JsonSchemaValidator
{
    private bool CheckArray(JsonElement schema, string keyword, JsonElement argument, JsonElement value, Seen seen)
    {
        var length = value.GetArrayLength();
        switch (keyword)
        {
            case "minItems":
                return length >= Count(argument);
            case "maxItems":
                return length <= Count(argument);
            case "uniqueItems" when argument.ValueKind == JsonValueKind.True:
                for (var i = 0; i < length; i++)
                    for (var j = 0; j < i; j++)
                        if (AreEqual(value[i], value[j]))
                            return false;
                return true;
            case "prefixItems":
                return CheckPrefix(argument, value, seen);
            case "items" when argument.ValueKind == JsonValueKind.Array:
                return CheckPrefix(argument, value, seen);
            case "items":
                return CheckRest(argument, value, schema.TryGetProperty("prefixItems", out var prefix) ? prefix.GetArrayLength() : 0, seen);
            case "additionalItems" when schema.TryGetProperty("items", out var tuple) && tuple.ValueKind == JsonValueKind.Array:
                return CheckRest(argument, value, tuple.GetArrayLength(), seen);
            case "contains":
                var found = Enumerable.Range(0, length).Where(i => Check(argument, value[i], new Seen())).ToArray();
                seen.Items.UnionWith(found);
                return found.Length >= (schema.TryGetProperty("minContains", out var min) ? Count(min) : 1)
                    && found.Length <= (schema.TryGetProperty("maxContains", out var max) ? Count(max) : length);
            default:
                return true;
        }
    }

    private bool CheckPrefix(JsonElement schemas, JsonElement value, Seen seen)
    {
        for (var i = 0; i < Math.Min(schemas.GetArrayLength(), value.GetArrayLength()); i++)
        {
            seen.Items.Add(i);
            if (!Check(schemas[i], value[i], new Seen()))
                return false;
        }

        return true;
    }

    private bool CheckRest(JsonElement schema, JsonElement value, int from, Seen seen)
    {
        for (var i = from; i < value.GetArrayLength(); i++)
        {
            seen.Items.Add(i);
            if (!Check(schema, value[i], new Seen()))
                return false;
        }

        return true;
    }

    private bool CheckObject(JsonElement schema, string keyword, JsonElement argument, JsonElement value, Seen seen)
    {
        // Of a name that comes twice the last counts.
        var members = new Dictionary<string, JsonElement>();
        foreach (var member in value.EnumerateObject())
            members[member.Name] = member.Value;

        switch (keyword)
        {
            case "required":
                return argument.EnumerateArray().All(name => members.ContainsKey(name.GetString()!));
            case "minProperties":
                return members.Count >= Count(argument);
            case "maxProperties":
                return members.Count <= Count(argument);
            case "propertyNames":
                return members.Keys.All(name => Check(argument, JsonSerializer.SerializeToElement(name), new Seen()));
            case "properties":
                seen.Names.UnionWith(members.Keys.Where(name => argument.TryGetProperty(name, out _)));
                return members.All(member => !argument.TryGetProperty(member.Key, out var property) || Check(property, member.Value, new Seen()));
            case "patternProperties":
                foreach (var pattern in argument.EnumerateObject())
                {
                    foreach (var (name, item) in members)
                    {
                        if (!Matches(pattern.Name, name))
                            continue;
                        seen.Names.Add(name);
                        if (!Check(pattern.Value, item, new Seen()))
                            return false;
                    }
                }

                return true;
            case "additionalProperties":
                foreach (var (name, item) in members)
                {
                    if ((schema.TryGetProperty("properties", out var named) && named.TryGetProperty(name, out _))
                        || (schema.TryGetProperty("patternProperties", out var patterns) && patterns.EnumerateObject().Any(pattern => Matches(pattern.Name, name))))
                        continue;
                    seen.Names.Add(name);
                    if (!Check(argument, item, new Seen()))
                        return false;
                }

                return true;
            case "dependencies" or "dependentRequired" or "dependentSchemas":
                return argument.EnumerateObject().All(dependency => !members.ContainsKey(dependency.Name)
                    || (dependency.Value.ValueKind == JsonValueKind.Array
                        ? dependency.Value.EnumerateArray().All(name => members.ContainsKey(name.GetString()!))
                        : Check(dependency.Value, value, seen)));
            default:
                return true;
        }
    }
}
