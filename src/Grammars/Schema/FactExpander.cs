using System.Text.Json;

namespace ModelRunner.Grammars.Schema;

/// <summary>
/// Resolves a conjunction into its alternatives for objects or for arrays: a disjunctive normal form, of which the
/// keywords that cannot matter for the type, impossible branches and contradictions are left out as they come.
/// </summary>
internal sealed partial class FactExpander(SchemaCompiler compiler, JsonType type)
{
    /// <summary>Branches of an <c>anyOf</c> whose choices are all tried.</summary>
    private const int WatchedBranches = 5;

    private const int MostReferences = 64;

    private readonly SchemaDocument _document = compiler.Document;
    private readonly List<Facts> _results = [];

    // The schema that a value has alone, and whether it asks what its other keywords have seen of the value.
    private SchemaNode? _owner;
    private bool _isWatched;

    public List<Facts> Run(int[] literals)
    {
        _owner = FindOwner(literals);
        _isWatched = _owner is { IsObject: true } && FindUnevaluated(_owner) is not null;
        var work = new Work(new Facts(), new Stack<Item>(literals.Reverse().Select(static literal => new Item(literal, "", true))), [], [], new Queue<List<Action<Work>>>(), []);
        Explore(work);
        return _results;
    }

    private void Explore(Work work)
    {
        compiler.Rx.CountStep(20);
        while (work.Todo.TryPop(out var next))
        {
            var literal = next.Literal;
            (work.Order, work.IsSeen) = (next.Order, next.IsSeen);
            if (work.Done.Contains(literal ^ 1))
                return;

            // What counted for nothing may come again and count.
            var isNew = work.Done.Add(literal);
            if (((IsWatched(work) && work.Seen.Add(literal)) || isNew) && !Apply(work, literal))
                return;
        }

        if (work.Facts.IsContradiction || compiler.IsContradiction(work.Facts))
            return;

        if (!work.Branches.TryDequeue(out var alternatives))
        {
            foreach (var last in work.Last)
                last(work);

            if (_results.Count >= compiler.Limits.Alternatives)
                throw new GrammarLimitException("its subschemas combine in too many ways");

            _results.Add(work.Facts);
            return;
        }

        foreach (var alternative in alternatives)
        {
            var fork = work.Fork();
            alternative(fork);
            Explore(fork);
        }
    }

    private bool Apply(Work work, int literal)
    {
        var node = _document[literal >> 1];
        if ((literal & 1) != 0)
        {
            work.IsSeen = false;
            return ApplyNegation(work, node);
        }

        if (node.IsConstant)
            return ApplyConstant(work, node);
        if (!node.IsObject)
            return node.IsTrue;
        if (_document.ReferencesStandAlone && node.TryGet("$ref", out var alone))
            return Push(work, Positive(_document.Resolve(node, "$ref", alone)));

        // Properties come in the order in which the schema's text names them, branches and references included.
        var order = work.Order;
        var place = '\0';
        string? groupOrder = null;
        foreach (var member in node.Element.EnumerateObject())
        {
            work.Order = order + ++place;
            if (member.Name is "properties" or "patternProperties" or "additionalProperties")
                groupOrder ??= work.Order;
            if (!Keywords.IsIdle(member.Name, type) && !ApplyKeyword(work, node, member.Name, member.Value))
                return false;
        }

        work.Order = groupOrder ?? order;
        if (type == JsonType.Object)
            AddObjectGroup(work, node);
        else
            AddArrayGroup(work, node);

        return true;
    }

    private bool ApplyKeyword(Work work, SchemaNode node, string keyword, JsonElement value)
    {
        switch (keyword)
        {
            case "$ref" or "$dynamicRef" or "$recursiveRef":
                return Push(work, Positive(_document.Resolve(node, keyword, value)));
            case "type":
                return Keywords.Allows(node, value, type);
            case "const":
                return Push(work, Positive(_document.Constant(node, keyword, null, value)));
            case "enum":
                return ApplyEnum(work, node, value);
            case "allOf":
                var place = '\0';
                foreach (var child in _document.Children(node, keyword, value))
                    work.Todo.Push(new Item(Positive(child), work.Order + ++place, work.IsSeen));
                return true;
            case "anyOf":
                return ApplyAnyOf(work, node, [.. _document.Children(node, keyword, value)]);
            case "oneOf":
                return ApplyOneOf(work, [.. _document.Children(node, keyword, value)]);
            case "not":
                return Push(work, Negative(_document.Child(node, keyword, null, value)));
            case "if":
                return ApplyConditional(work, node, _document.Child(node, keyword, null, value));
            default:
                return type == JsonType.Object
                    ? ApplyObjectKeyword(work, node, keyword, value)
                    : ApplyArrayKeyword(work, node, keyword, value);
        }
    }

    /// <summary>The schema of a value that has no other, behind references that say nothing else.</summary>
    private SchemaNode? FindOwner(int[] literals)
    {
        if (literals is not [var literal] || (literal & 1) != 0)
            return null;

        var node = _document[literal >> 1];
        for (var i = 0; i < MostReferences && IsReference(node) && node.TryGet("$ref", out var reference); i++)
            node = _document.Resolve(node, "$ref", reference);
        return node;
    }

    private SchemaNode? FindUnevaluated(SchemaNode node)
    {
        var keyword = type == JsonType.Object ? "unevaluatedProperties" : "unevaluatedItems";
        return node.TryGet(keyword, out var value) && _document.Child(node, keyword, null, value) is { IsTrue: false } schema ? schema : null;
    }

    /// <summary>Whether it matters what a keyword looks at, and not only what it allows.</summary>
    private bool IsWatched(Work work) => _isWatched && work.IsSeen;

    private static bool Push(Work work, int literal)
    {
        work.Push(literal);
        return true;
    }

    private static int Positive(SchemaNode node) => node.Id * 2;

    private static int Negative(SchemaNode node) => (node.Id * 2) + 1;

    /// <summary>A literal that is still to be applied, where its text stands, and whether it counts as having seen the value.</summary>
    private readonly record struct Item(int Literal, string Order, bool IsSeen);

    /// <summary>One line of the search.</summary>
    /// <param name="Facts">What is known.</param>
    /// <param name="Todo">Literals that are still to be applied.</param>
    /// <param name="Done">Literals that were.</param>
    /// <param name="Seen">Those of them that counted for an unevaluated keyword.</param>
    /// <param name="Branches">Choices that are still to be made.</param>
    /// <param name="Last">What is to be done when all else is.</param>
    private sealed record Work(
        Facts Facts, Stack<Item> Todo, HashSet<int> Done, HashSet<int> Seen, Queue<List<Action<Work>>> Branches, List<Action<Work>> Last)
    {
        /// <summary>Where the text stands that is applied: compares as the places do.</summary>
        public string Order { get; set; } = "";

        /// <summary>Whether what is applied counts for an unevaluated keyword.</summary>
        public bool IsSeen { get; set; }

        public void Push(int literal) => Todo.Push(new Item(literal, Order, IsSeen));

        public Work Fork() => new(
            Facts.Clone(), new Stack<Item>(Todo.Reverse()), [.. Done], [.. Seen], new Queue<List<Action<Work>>>(Branches), [.. Last]);
    }
}
