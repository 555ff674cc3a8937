using System.Text.Json;

namespace ModelRunner.Grammars.Schema;

// The negation of a schema: some keyword of it does not hold.
internal sealed partial class FactExpander
{
    private bool ApplyConstant(Work work, SchemaNode node)
    {
        if (Keywords.TypeOf(node.Element) != type)
            return false;

        if (type == JsonType.Array)
        {
            var items = node.Element.EnumerateArray()
                .Select((item, index) => Positive(_document.Constant(node, SchemaDocument.Number(index), null, item)))
                .ToArray();
            work.Facts.Arrays.Add(new ArrayGroup(items, compiler.False));
            work.Facts.AtLeast(items.Length);
            return true;
        }

        var members = node.Element.EnumerateObject()
            .Select(member => (member.Name, Positive(_document.Constant(node, member.Name, null, member.Value))))
            .ToArray();
        work.Facts.Objects.Add(new ObjectGroup(members, [], compiler.False) { Order = work.Order });
        work.Facts.Required.UnionWith(members.Select(static member => member.Name));
        return true;
    }

    private bool ApplyNegation(Work work, SchemaNode node)
    {
        if (!node.IsConstant && !node.IsObject)
            return node.IsFalse;

        if (type == JsonType.Object && compiler.GetPresence(node) is { } formula)
        {
            work.Facts.Guards.Add(new Presence.Not(formula));
            return true;
        }

        if (node.IsConstant)
            return Keywords.TypeOf(node.Element) != type || Choose(work, NegateConstant(node));
        if (_document.ReferencesStandAlone && node.TryGet("$ref", out var alone))
            return Push(work, Negative(_document.Resolve(node, "$ref", alone)));

        var alternatives = new List<Action<Work>>();
        foreach (var member in node.Element.EnumerateObject())
        {
            if (Keywords.IsIdle(member.Name, type))
                continue;
            if (member.Name == "type" && !Keywords.Allows(node, member.Value, type))
                return true;
            if (compiler.IsImpossible(node, type))
                return true;

            Negate(node, member.Name, member.Value, alternatives);
        }

        return Choose(work, alternatives);
    }

    private List<Action<Work>> NegateConstant(SchemaNode node)
    {
        var alternatives = new List<Action<Work>>();
        if (type == JsonType.Array)
        {
            var length = node.Element.GetArrayLength();
            if (length > 0)
                alternatives.Add(next => next.Facts.AtMost(length - 1));
            alternatives.Add(next => next.Facts.AtLeast(length + 1));
            var index = 0;
            foreach (var item in node.Element.EnumerateArray())
                AddItem(alternatives, index, Negative(_document.Constant(node, SchemaDocument.Number(index++), null, item)));

            return alternatives;
        }

        var names = new List<(string, int)>();
        foreach (var member in node.Element.EnumerateObject())
        {
            var name = member.Name;
            names.Add((name, compiler.True));
            alternatives.Add(next => next.Facts.Forbidden.Add(name));
            AddProperty(alternatives, name, Negative(_document.Constant(node, name, null, member.Value)));
        }

        alternatives.Add(next => next.Facts.Strangers.Add(new ObjectGroup(names, [], -1)));
        return alternatives;
    }

    private void Negate(SchemaNode node, string keyword, JsonElement value, List<Action<Work>> alternatives)
    {
        switch (keyword)
        {
            case "$ref" or "$dynamicRef" or "$recursiveRef":
                var target = Negative(_document.Resolve(node, keyword, value));
                alternatives.Add(next => next.Push(target));
                return;
            case "type":
                return;
            case "const":
                var constant = Negative(_document.Constant(node, keyword, null, value));
                alternatives.Add(next => next.Push(constant));
                return;
            case "enum":
                var values = Keywords.Entries(node, keyword, value)
                    .Select((item, index) => Negative(_document.Constant(node, keyword, SchemaDocument.Number(index), item))).ToArray();
                alternatives.Add(next => PushAll(next, values));
                return;
            case "allOf":
                foreach (var child in _document.Children(node, keyword, value))
                    alternatives.Add(next => next.Push(Negative(child)));
                return;
            case "anyOf":
                var branches = _document.Children(node, keyword, value).Select(Negative).ToArray();
                alternatives.Add(next => PushAll(next, branches));
                return;
            case "oneOf":
                NegateOneOf([.. _document.Children(node, keyword, value)], alternatives);
                return;
            case "not":
                var item = Positive(_document.Child(node, keyword, null, value));
                alternatives.Add(next => next.Push(item));
                return;
            case "if":
                NegateConditional(node, _document.Child(node, keyword, null, value), alternatives);
                return;
        }

        if (type == JsonType.Object)
            NegateObjectKeyword(node, keyword, value, alternatives);
        else
            NegateArrayKeyword(node, keyword, value, alternatives);
    }

    private void NegateOneOf(SchemaNode[] branches, List<Action<Work>> alternatives)
    {
        alternatives.Add(next => PushAll(next, Array.ConvertAll(branches, Negative)));
        for (var i = 0; i < branches.Length; i++)
        {
            for (var j = i + 1; j < branches.Length; j++)
            {
                var pair = new[] { Positive(branches[i]), Positive(branches[j]) };
                if (!compiler.AreDisjoint(branches[i], branches[j], type))
                    alternatives.Add(next => PushAll(next, pair));
            }
        }
    }

    private void NegateConditional(SchemaNode node, SchemaNode condition, List<Action<Work>> alternatives)
    {
        if (node.TryGet("then", out var then))
        {
            var whenTrue = new[] { Positive(condition), Negative(_document.Child(node, "then", null, then)) };
            alternatives.Add(next => PushAll(next, whenTrue));
        }

        if (node.TryGet("else", out var otherwise))
        {
            var whenFalse = new[] { Negative(condition), Negative(_document.Child(node, "else", null, otherwise)) };
            alternatives.Add(next => PushAll(next, whenFalse));
        }
    }

    private void NegateObjectKeyword(SchemaNode node, string keyword, JsonElement value, List<Action<Work>> alternatives)
    {
        switch (keyword)
        {
            case "required":
                foreach (var name in Keywords.Texts(node, keyword, value))
                    alternatives.Add(next => next.Facts.Forbidden.Add(name));
                return;
            case "minProperties":
                if (Keywords.Count(node, keyword, value) is > 0 and var min)
                    alternatives.Add(next => next.Facts.AtMost(min - 1));
                return;
            case "maxProperties":
                var max = Keywords.Count(node, keyword, value);
                alternatives.Add(next => next.Facts.AtLeast(max + 1));
                return;
            case "properties":
                foreach (var member in Keywords.Members(node, keyword, value))
                {
                    var child = _document.Child(node, keyword, member.Name, member.Value);
                    if (!child.IsTrue && !SchemaCompiler.IsAnything(child))
                        AddProperty(alternatives, member.Name, Negative(child));
                }

                return;
            case "dependencies" or "dependentRequired" or "dependentSchemas":
                foreach (var member in Keywords.Members(node, keyword, value))
                    NegateDependency(node, keyword, member, alternatives);
                return;
            case "additionalProperties":
                if (!_document.Child(node, keyword, null, value).IsFalse)
                    throw node.Refuse(keyword, "cannot be negated, as a 'not', an 'if' or an overlapping 'oneOf' around it asks");
                var group = ReadObjectGroup(node)!;
                alternatives.Add(next => next.Facts.Strangers.Add(group));
                return;
            case "patternProperties" when Keywords.Members(node, keyword, value).All(member => SchemaCompiler.IsAnything(_document.Child(node, keyword, member.Name, member.Value))):
                return;
            default:
                throw node.Refuse(keyword, "cannot be negated, as a 'not', an 'if' or an overlapping 'oneOf' around it asks");
        }
    }

    private void NegateDependency(SchemaNode node, string keyword, JsonProperty member, List<Action<Work>> alternatives)
    {
        var name = member.Name;
        if (compiler.GetDependency(node, keyword, member) is { } formula)
        {
            alternatives.Add(next => next.Facts.Guards.Add(new Presence.Not(formula)));
            return;
        }

        var schema = Negative(_document.Child(node, keyword, name, member.Value));
        alternatives.Add(next =>
        {
            next.Facts.Required.Add(name);
            next.Push(schema);
        });
    }

    private void NegateArrayKeyword(SchemaNode node, string keyword, JsonElement value, List<Action<Work>> alternatives)
    {
        switch (keyword)
        {
            case "minItems":
                if (Keywords.Count(node, keyword, value) is > 0 and var min)
                    alternatives.Add(next => next.Facts.AtMost(min - 1));
                return;
            case "maxItems":
                var max = Keywords.Count(node, keyword, value);
                alternatives.Add(next => next.Facts.AtLeast(max + 1));
                return;
            case "items" or "prefixItems" or "additionalItems":
                // All item keywords at once, with the first of them.
                if (keyword != node.Element.EnumerateObject().First(static member => member.Name is "items" or "prefixItems" or "additionalItems").Name
                    || ReadArrayGroup(node) is not { } group)
                    return;
                for (var i = 0; i < group.Prefix.Count; i++)
                    AddItem(alternatives, i, group.Prefix[i] ^ 1);
                if (group.Rest >= 0)
                    alternatives.Add(next => next.Facts.Contains.Add(new ContainsFact(group.Rest ^ 1, 1, int.MaxValue, group.Prefix.Count)));
                return;
            case "contains" when !node.TryGet("minContains", out _) && !node.TryGet("maxContains", out _):
                var none = new ArrayGroup([], Negative(_document.Child(node, keyword, null, value)));
                alternatives.Add(next => next.Facts.Arrays.Add(none));
                return;
            case "uniqueItems" when value.ValueKind == JsonValueKind.False:
                return;
            default:
                throw node.Refuse(keyword, "cannot be negated, as a 'not', an 'if' or an overlapping 'oneOf' around it asks");
        }
    }

    private static void AddProperty(List<Action<Work>> alternatives, string name, int literal)
    {
        var group = new ObjectGroup([(name, literal)], [], -1);
        alternatives.Add(next =>
        {
            next.Facts.Required.Add(name);
            next.Facts.Objects.Add(group with { Order = next.Order });
        });
    }

    private void AddItem(List<Action<Work>> alternatives, int index, int literal)
    {
        var group = new ArrayGroup([.. Enumerable.Repeat(compiler.True, index), literal], -1);
        alternatives.Add(next =>
        {
            next.Facts.AtLeast(index + 1);
            next.Facts.Arrays.Add(group);
        });
    }

    private static void PushAll(Work work, int[] literals)
    {
        foreach (var literal in literals)
            work.Push(literal);
    }
}
