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
        var work = new Work(new Facts(), new Stack<Item>(literals.Reverse().Select(static literal => new Item(literal, "", true))), [], new Queue<List<Action<Work>>>(), []);
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
            if (work.Done.Add(literal) && !Apply(work, literal))
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

    private bool ApplyEnum(Work work, SchemaNode node, JsonElement value)
    {
        Keywords.RequireArray(node, "enum", value);
        var index = 0;
        var choices = new List<int>();
        foreach (var item in value.EnumerateArray())
        {
            var key = SchemaDocument.Number(index++);
            if (Keywords.TypeOf(item) == type)
                choices.Add(Positive(_document.Constant(node, "enum", key, item)));
        }

        return Choose(work, choices.ConvertAll<Action<Work>>(choice => next => next.Push(choice)));
    }

    private bool ApplyAnyOf(Work work, SchemaNode node, SchemaNode[] branches)
    {
        if (IsWatched(work))
            return ApplyWatchedAnyOf(work, node, branches);
        if (Array.Exists(branches, branch => SchemaCompiler.IsVacuous(branch, type)))
            return true;

        branches = Array.FindAll(branches, branch => !compiler.IsImpossible(branch, type));
        if (branches.Length > 1 && TryGuard(work, branches, static items => new Presence.Any(items)))
            return true;

        return Choose(work, [.. branches.Select(Action<Work> (branch) => next => next.Push(Positive(branch)))]);
    }

    /// <summary>Every branch that holds has seen something: an alternative for each choice of them.</summary>
    private bool ApplyWatchedAnyOf(Work work, SchemaNode node, SchemaNode[] branches)
    {
        branches = Array.FindAll(branches, branch => !compiler.IsImpossible(branch, type));
        if (branches.Length > WatchedBranches)
            throw node.Refuse("anyOf", $"has more than {WatchedBranches} branches beside an unevaluated keyword");

        var alternatives = new List<Action<Work>>();
        for (var choice = (1 << branches.Length) - 1; choice > 0; choice--)
        {
            var chosen = branches.Where((_, i) => (choice >> i & 1) != 0).Select(Positive).ToArray();
            alternatives.Add(next => PushAll(next, chosen));
        }

        return Choose(work, alternatives);
    }

    private bool ApplyOneOf(Work work, SchemaNode[] branches)
    {
        branches = Array.FindAll(branches, branch => !compiler.IsImpossible(branch, type));
        if (branches.Length > 1 && !IsWatched(work) && TryGuard(work, branches, static items => new Presence.ExactlyOne(items)))
            return true;

        var alternatives = new List<Action<Work>>();
        foreach (var branch in branches)
        {
            var others = branches.Where(other => other != branch && !compiler.AreDisjoint(branch, other, type)).ToArray();
            alternatives.Add(next =>
            {
                foreach (var other in others)
                    next.Push(Negative(other));
                next.Push(Positive(branch));
            });
        }

        return Choose(work, alternatives);
    }

    private bool ApplyConditional(Work work, SchemaNode node, SchemaNode condition)
    {
        var then = node.TryGet("then", out var value) ? _document.Child(node, "then", null, value) : null;
        var otherwise = node.TryGet("else", out value) ? _document.Child(node, "else", null, value) : null;
        if (then is null && otherwise is null && !IsWatched(work))
            return true;
        if (SchemaCompiler.IsVacuous(condition, type) && !IsWatched(work))
            return then is null || Push(work, Positive(then));
        if (compiler.IsImpossible(condition, type))
            return otherwise is null || Push(work, Positive(otherwise));

        if (type == JsonType.Object && !IsWatched(work) && compiler.GetPresence(condition) is { } test
            && GetPresence(then) is { } whenTrue && GetPresence(otherwise) is { } whenFalse)
        {
            work.Facts.Guards.Add(new Presence.Any([new Presence.Not(test), whenTrue]));
            work.Facts.Guards.Add(new Presence.Any([test, whenFalse]));
            return true;
        }

        return Choose(
            work,
            [
                next =>
                {
                    if (then is not null)
                        next.Push(Positive(then));
                    next.Push(Positive(condition));
                },
                next =>
                {
                    if (otherwise is not null)
                        next.Push(Positive(otherwise));
                    next.Push(Negative(condition));
                },
            ]);
    }

    private Presence? GetPresence(SchemaNode? node) => node is null ? Presence.True : compiler.GetPresence(node);

    private bool TryGuard(Work work, SchemaNode[] branches, Func<Presence[], Presence> combine)
    {
        if (type != JsonType.Object)
            return false;

        var formulas = new Presence[branches.Length];
        for (var i = 0; i < branches.Length; i++)
        {
            if (compiler.GetPresence(branches[i]) is not { } formula)
                return false;
            formulas[i] = formula;
        }

        work.Facts.Guards.Add(combine(formulas));
        return true;
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

    private static bool Choose(Work work, List<Action<Work>> alternatives)
    {
        var (order, isSeen) = (work.Order, work.IsSeen);
        alternatives = alternatives.ConvertAll<Action<Work>>(alternative => next =>
        {
            (next.Order, next.IsSeen) = (order, isSeen);
            alternative(next);
        });
        if (alternatives.Count == 1)
            alternatives[0](work);
        else if (alternatives.Count > 1)
            work.Branches.Enqueue(alternatives);

        return alternatives.Count > 0;
    }

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
    /// <param name="Branches">Choices that are still to be made.</param>
    /// <param name="Last">What is to be done when all else is.</param>
    private sealed record Work(
        Facts Facts, Stack<Item> Todo, HashSet<int> Done, Queue<List<Action<Work>>> Branches, List<Action<Work>> Last)
    {
        /// <summary>Where the text stands that is applied: compares as the places do.</summary>
        public string Order { get; set; } = "";

        /// <summary>Whether what is applied counts for an unevaluated keyword.</summary>
        public bool IsSeen { get; set; }

        public void Push(int literal) => Todo.Push(new Item(literal, Order, IsSeen));

        public Work Fork() => new(
            Facts.Clone(), new Stack<Item>(Todo.Reverse()), [.. Done], new Queue<List<Action<Work>>>(Branches), [.. Last]);
    }
}
