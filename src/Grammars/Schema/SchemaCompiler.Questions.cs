using System.Text.Json;

namespace ModelRunner.Grammars.Schema;

// What is asked of subschemas while others are compiled.
internal sealed partial class SchemaCompiler
{
    private const int MaxReferences = 16;

    private static readonly JsonType[] Types = Enum.GetValues<JsonType>();

    /// <summary>Whether a finite value satisfies it: the least solution, as a value cannot contain itself.</summary>
    public bool IsSatisfiable(Conjunction conjunction)
    {
        if (conjunction.IsSatisfiable is { } known)
            return known;
        if (!_open.Add(conjunction))
        {
            _touchedOpen = true;
            return false;
        }

        Rx.CountStep();
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var result = HasValue(conjunction);
        _open.Remove(conjunction);

        // A no that rests on a question still open may change with its answer.
        if (result || !_touchedOpen || _open.Count == 0)
            conjunction.IsSatisfiable = result;
        if (_open.Count == 0)
            _touchedOpen = false;

        return result;
    }

    /// <summary>Whether two subschemas have no value of a type in common.</summary>
    public bool AreDisjoint(SchemaNode a, SchemaNode b, JsonType type) =>
        !HasValue(GetConjunction([a.Id * 2, b.Id * 2]), type);

    /// <summary>A quick look at constants that exclude one another, such as the tags of unions.</summary>
    public bool IsContradiction(Facts facts)
    {
        if (facts.Objects.Count < 2)
            return false;

        foreach (var name in facts.Required)
        {
            var literals = new List<int>();
            foreach (var group in facts.Objects)
                if (group.Find(name) is >= 0 and var literal && (literal & 1) == 0 && IsTag(Document[literal >> 1]))
                    literals.Add(literal);

            if (literals.Count > 1 && !IsSatisfiable(GetConjunction(literals)))
                return true;
        }

        return false;
    }

    /// <summary>Whether a subschema restricts no value of a type, as far as its own keywords say.</summary>
    public static bool IsVacuous(SchemaNode node, JsonType type)
    {
        if (!node.IsObject)
            return node.IsTrue;

        foreach (var member in node.Element.EnumerateObject())
            if (!Keywords.IsIdle(member.Name, type) && !(member.Name == "type" && Keywords.Allows(node, member.Value, type)
                && !(type == JsonType.Number && Keywords.IsIntegerOnly(member.Value))))
                return false;

        return true;
    }

    /// <summary>Whether a subschema restricts no value at all, as far as its own keywords say.</summary>
    public static bool IsAnything(SchemaNode node) => Array.TrueForAll(Types, type => IsVacuous(node, type));

    /// <summary>Whether a subschema allows no value of a type, as far as its type and constants say.</summary>
    public bool IsImpossible(SchemaNode node, JsonType type)
    {
        for (var i = 0; i < MaxReferences; i++)
        {
            if (node.IsConstant)
                return Keywords.TypeOf(node.Element) != type;
            if (!node.IsObject)
                return node.IsFalse;
            if (node.TryGet("type", out var types) && !(Document.ReferencesStandAlone && node.TryGet("$ref", out _)) && !Keywords.Allows(node, types, type))
                return true;
            if (node.TryGet("const", out var constant) && Keywords.TypeOf(constant) != type)
                return true;
            if (node.TryGet("enum", out var values) && values.ValueKind == JsonValueKind.Array
                && !values.EnumerateArray().Any(value => Keywords.TypeOf(value) == type))
                return true;
            if (!node.TryGet("$ref", out var reference))
                return false;

            node = Document.Resolve(node, "$ref", reference);
        }

        return false;
    }

    /// <summary>The formula that a subschema is for objects, when it speaks of nothing but which names are there.</summary>
    public Presence? GetPresence(SchemaNode node, int depth = 0)
    {
        if (node.IsConstant || depth > MaxReferences)
            return null;
        if (!node.IsObject)
            return node.IsTrue ? Presence.True : Presence.False;

        var parts = new List<Presence>();
        foreach (var member in node.Element.EnumerateObject())
        {
            if (Keywords.IsIdle(member.Name, JsonType.Object))
                continue;
            if (GetPresence(node, member, depth + 1) is not { } part)
                return null;
            parts.Add(part);
        }

        return new Presence.All(parts);
    }

    /// <summary>The formula of one member of <c>dependencies</c> or its successors; null when it needs more than one.</summary>
    public Presence? GetDependency(SchemaNode node, string keyword, JsonProperty member, int depth = 0)
    {
        Presence? needed;
        if (member.Value.ValueKind == JsonValueKind.Array)
            needed = new Presence.All([.. Keywords.Texts(node, keyword, member.Value).Select(static name => new Presence.Has(name))]);
        else if (member.Value.ValueKind == JsonValueKind.String)
            needed = new Presence.Has(member.Value.GetString()!);
        else
            needed = GetPresence(Document.Child(node, keyword, member.Name, member.Value), depth + 1);

        return needed is null ? null : new Presence.Any([new Presence.Not(new Presence.Has(member.Name)), needed]);
    }

    private Presence? GetPresence(SchemaNode node, JsonProperty member, int depth)
    {
        var (keyword, value) = (member.Name, member.Value);
        switch (keyword)
        {
            case "type":
                return Keywords.Allows(node, value, JsonType.Object) ? Presence.True : Presence.False;
            case "required":
                return new Presence.All([.. Keywords.Texts(node, keyword, value).Select(static name => new Presence.Has(name))]);
            case "properties" when value.ValueKind == JsonValueKind.Object
                && value.EnumerateObject().All(property => IsAnything(Document.Child(node, keyword, property.Name, property.Value))):
                return Presence.True;
            case "allOf":
                return Combine(Document.Children(node, keyword, value), depth, static items => new Presence.All(items));
            case "anyOf":
                return Combine(Document.Children(node, keyword, value), depth, static items => new Presence.Any(items));
            case "oneOf":
                return Combine(Document.Children(node, keyword, value), depth, static items => new Presence.ExactlyOne(items));
            case "not":
                return GetPresence(Document.Child(node, keyword, null, value), depth) is { } item ? new Presence.Not(item) : null;
            case "$ref":
                return GetPresence(Document.Resolve(node, keyword, value), depth);
            case "dependencies" or "dependentRequired" or "dependentSchemas":
                var parts = new List<Presence>();
                foreach (var dependency in Keywords.Members(node, keyword, value))
                {
                    if (GetDependency(node, keyword, dependency, depth) is not { } part)
                        return null;
                    parts.Add(part);
                }

                return new Presence.All(parts);
            default:
                return null;
        }
    }

    private Presence? Combine(IEnumerable<SchemaNode> nodes, int depth, Func<Presence[], Presence> combine)
    {
        var items = new List<Presence>();
        foreach (var node in nodes)
        {
            if (GetPresence(node, depth) is not { } item)
                return null;
            items.Add(item);
        }

        return combine([.. items]);
    }

    private static bool IsTag(SchemaNode node) => node.IsConstant || node.TryGet("const", out _) || node.TryGet("enum", out _);

    private bool HasValue(Conjunction conjunction)
    {
        foreach (var type in Types)
            if (HasValue(conjunction, type))
                return true;

        return false;
    }

    private bool HasValue(Conjunction conjunction, JsonType type)
    {
        switch (type)
        {
            case JsonType.Object:
                return GetFacts(conjunction, type).Exists(HasObject);
            case JsonType.Array:
                return GetFacts(conjunction, type).Exists(facts => MakeArrayKernel(facts) is not null);
            default:
                var language = GetScalar(conjunction, type);
                return language is null || !Rx.IsEmpty(language);
        }
    }

    private bool HasObject(Facts facts)
    {
        foreach (var name in facts.Required)
            if (!IsNameAllowed(facts, name) || !IsSatisfiable(ValueOf(facts, name)))
                return false;

        // What must be there is enough, unless more is asked than that.
        return (facts.Guards.Count == 0 && facts.Strangers.Count == 0 && facts.Min <= facts.Required.Count && facts.Max >= facts.Required.Count)
            || MakeObjectKernel(facts) is not null;
    }

    /// <summary>Comes to everything that a parser could, so that what cannot be honoured is known at once.</summary>
    private void CheckAll(Conjunction root)
    {
        var queue = new Queue<Conjunction>([root]);
        var seen = new HashSet<Conjunction> { root };
        while (queue.TryDequeue(out var conjunction))
        {
            GetScalar(conjunction, JsonType.Number);
            GetScalar(conjunction, JsonType.String);
            foreach (var kernel in GetArrayKernels(conjunction))
                kernel.Check();

            var values = GetObjectKernels(conjunction).SelectMany(static kernel => kernel.Values)
                .Concat(GetArrayKernels(conjunction).SelectMany(static kernel => kernel.Values));
            foreach (var value in values)
                if (seen.Add(value) && IsSatisfiable(value))
                    queue.Enqueue(value);
        }
    }
}
