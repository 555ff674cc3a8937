using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using DotNetRegex = System.Text.RegularExpressions.Regex;

namespace ModelRunner.Testing;

/// <summary>
/// Whether an instance satisfies a schema, told by evaluating the keywords on the parsed value: nothing is shared with
/// the compiler that it judges. Draft 2020-12, and what differs in drafts 4 to 7.
/// </summary>
public sealed class JsonSchemaValidator(JsonElement root)
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

    private static bool IsOfType(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && Exact(value) is var number && number.Over % number.Under == 0,
        "string" => value.ValueKind == JsonValueKind.String,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };

    private static bool AreEqual(JsonElement a, JsonElement b)
    {
        if (a.ValueKind != b.ValueKind)
            return false;

        return a.ValueKind switch
        {
            JsonValueKind.Number => Compare(Exact(a), Exact(b)) == 0,
            JsonValueKind.String => a.GetString() == b.GetString(),
            JsonValueKind.Array => a.GetArrayLength() == b.GetArrayLength() && a.EnumerateArray().Zip(b.EnumerateArray()).All(pair => AreEqual(pair.First, pair.Second)),
            JsonValueKind.Object => a.EnumerateObject().Count() == b.EnumerateObject().Count()
                && a.EnumerateObject().All(member => b.TryGetProperty(member.Name, out var other) && AreEqual(member.Value, other)),
            _ => true,
        };
    }

    private static bool Matches(string pattern, string text) =>
        DotNetRegex.IsMatch(text, pattern, RegexOptions.ECMAScript | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));

    private static bool IsFlag(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var flag) && flag.ValueKind == JsonValueKind.True;

    private static int Count(JsonElement value) => (int)value.GetDouble();

    /// <summary>A fraction.</summary>
    private static (BigInteger Over, BigInteger Under) Exact(JsonElement value)
    {
        var text = value.GetRawText();
        var mark = text.IndexOfAny(['e', 'E']);
        var exponent = mark < 0 ? 0 : int.Parse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? text : text[..mark];
        var point = mantissa.IndexOf('.');
        if (point >= 0)
            exponent -= mantissa.Length - point - 1;

        var digits = BigInteger.Parse(mantissa.Replace(".", ""), CultureInfo.InvariantCulture);
        return exponent >= 0 ? (digits * BigInteger.Pow(10, exponent), 1) : (digits, BigInteger.Pow(10, -exponent));
    }

    private static int Compare((BigInteger Over, BigInteger Under) a, (BigInteger Over, BigInteger Under) b) =>
        (a.Over * b.Under).CompareTo(b.Over * a.Under);

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
