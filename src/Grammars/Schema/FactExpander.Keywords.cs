using System.Text.Json;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Schema;

// What the keywords of objects and arrays add to the facts.
internal sealed partial class FactExpander
{
    private bool ApplyObjectKeyword(Work work, SchemaNode node, string keyword, JsonElement value)
    {
        var facts = work.Facts;
        switch (keyword)
        {
            case "required":
                // Draft 3 wrote a boolean beside a property's own keywords.
                if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
                    return true;
                facts.Required.UnionWith(Keywords.Texts(node, keyword, value));
                return true;
            case "minProperties":
                facts.AtLeast(Keywords.Count(node, keyword, value));
                return true;
            case "maxProperties":
                facts.AtMost(Keywords.Count(node, keyword, value));
                return true;
            case "propertyNames":
                facts.PropertyNames.Add(Positive(_document.Child(node, keyword, null, value)));
                return true;
            case "dependencies" or "dependentRequired" or "dependentSchemas":
                return ApplyDependencies(work, node, keyword, value);
            case "unevaluatedProperties":
                return AddUnevaluated(work, node, keyword);
            default:
                return true;
        }
    }

    private bool ApplyDependencies(Work work, SchemaNode node, string keyword, JsonElement value)
    {
        Keywords.RequireObject(node, keyword, value);
        foreach (var member in value.EnumerateObject())
        {
            var name = member.Name;
            if (!IsWatched(work) && compiler.GetDependency(node, keyword, member) is { } formula)
            {
                work.Facts.Guards.Add(formula);
                continue;
            }

            var schema = _document.Child(node, keyword, name, member.Value);
            Choose(
                work,
                [
                    next => next.Facts.Forbidden.Add(name),
                    next =>
                    {
                        next.Facts.Required.Add(name);
                        next.Push(Positive(schema));
                    },
                ]);
        }

        return true;
    }

    private void AddObjectGroup(Work work, SchemaNode node)
    {
        if (ReadObjectGroup(node) is { } group)
            work.Facts.Objects.Add(group with { Order = work.Order, IsSeen = work.IsSeen });
    }

    private ObjectGroup? ReadObjectGroup(SchemaNode node)
    {
        var hasProperties = node.TryGet("properties", out var properties);
        var hasPatterns = node.TryGet("patternProperties", out var patterns);
        var hasAdditional = node.TryGet("additionalProperties", out var additional);
        if (!hasProperties && !hasPatterns && !hasAdditional)
            return null;

        var named = new List<(string, int)>();
        if (hasProperties)
        {
            Keywords.RequireObject(node, "properties", properties);
            foreach (var member in properties.EnumerateObject())
                named.Add((member.Name, Positive(_document.Child(node, "properties", member.Name, member.Value))));
        }

        var matched = new List<(Rx, int)>();
        if (hasPatterns)
        {
            Keywords.RequireObject(node, "patternProperties", patterns);
            foreach (var member in patterns.EnumerateObject())
                matched.Add((
                    compiler.Scalars.Search(node, "patternProperties", member.Name),
                    Positive(_document.Child(node, "patternProperties", member.Name, member.Value))));
        }

        return new ObjectGroup(
            named,
            matched,
            hasAdditional ? Positive(_document.Child(node, "additionalProperties", null, additional)) : -1);
    }

    private bool ApplyArrayKeyword(Work work, SchemaNode node, string keyword, JsonElement value)
    {
        var facts = work.Facts;
        switch (keyword)
        {
            case "minItems":
                facts.AtLeast(Keywords.Count(node, keyword, value));
                return true;
            case "maxItems":
                facts.AtMost(Keywords.Count(node, keyword, value));
                return true;
            case "uniqueItems":
                if (value.ValueKind == JsonValueKind.True)
                    facts.Unique = node;
                return true;
            case "contains":
                var min = node.TryGet("minContains", out var least) ? Keywords.Count(node, "minContains", least) : 1;
                var max = node.TryGet("maxContains", out var most) ? Keywords.Count(node, "maxContains", most) : int.MaxValue;
                if (min > max)
                    return false;
                if (min > 0 || max < int.MaxValue)
                    facts.Contains.Add(new ContainsFact(Positive(_document.Child(node, keyword, null, value)), min, max, 0));
                return true;
            case "unevaluatedItems":
                return AddUnevaluated(work, node, keyword);
            default:
                return true;
        }
    }

    private void AddArrayGroup(Work work, SchemaNode node)
    {
        if (ReadArrayGroup(node) is { } group)
            work.Facts.Arrays.Add(group with { IsSeen = work.IsSeen });
    }

    private ArrayGroup? ReadArrayGroup(SchemaNode node)
    {
        var prefix = new List<int>();
        var rest = -1;
        var hasItems = node.TryGet("items", out var items);
        var isTuple = hasItems && items.ValueKind == JsonValueKind.Array;
        if (node.TryGet("prefixItems", out var prefixItems))
            prefix.AddRange(_document.Children(node, "prefixItems", prefixItems).Select(Positive));
        else if (isTuple)
            prefix.AddRange(_document.Children(node, "items", items).Select(Positive));

        if (hasItems && !isTuple)
            rest = Positive(_document.Child(node, "items", null, items));
        else if (isTuple && node.TryGet("additionalItems", out var additional))
            rest = Positive(_document.Child(node, "additionalItems", null, additional));

        return prefix.Count == 0 && rest < 0 ? null : new ArrayGroup(prefix, rest);
    }

    /// <summary>
    /// What no other keyword of the alternative has seen. Only for the schema that a value has alone: beside others, it
    /// would have to be known which of them it may look at.
    /// </summary>
    private bool AddUnevaluated(Work work, SchemaNode node, string keyword)
    {
        if (FindUnevaluated(node) is not { } schema)
            return true;
        if (node != _owner)
            throw node.Refuse(keyword, "is not supported inside a combined subschema");

        work.Last.Add(next =>
        {
            if (type == JsonType.Object)
            {
                var seen = next.Facts.Objects.FindAll(static group => group.IsSeen);
                if (seen.Exists(static group => group.Additional >= 0))
                    return;

                next.Facts.Objects.Add(new ObjectGroup(
                    [.. seen.SelectMany(static group => group.Properties).Select(property => (property.Name, compiler.True))],
                    [.. seen.SelectMany(static group => group.Patterns).Select(pattern => (pattern.Names, compiler.True))],
                    Positive(schema)));
                return;
            }

            if (next.Facts.Contains.Count > 0)
                throw node.Refuse(keyword, "is not supported beside contains");
            var groups = next.Facts.Arrays.FindAll(static group => group.IsSeen);
            if (groups.Exists(static group => group.Rest >= 0))
                return;

            var count = groups.Select(static group => group.Prefix.Count).DefaultIfEmpty(0).Max();
            next.Facts.Arrays.Add(new ArrayGroup([.. Enumerable.Repeat(compiler.True, count)], Positive(schema)));
        });
        return true;
    }

    /// <summary>Whether a schema only refers to another.</summary>
    private bool IsReference(SchemaNode node) =>
        node.IsObject && node.Element.EnumerateObject().All(member => member.Name is "$ref" || Keywords.IsIdle(member.Name, type));
}
