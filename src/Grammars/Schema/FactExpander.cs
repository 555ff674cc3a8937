using System.Text.Json;

namespace ModelRunner.Grammars.Schema;

/// <summary>
/// Resolves a conjunction into its alternatives for objects or for arrays: a disjunctive normal form, of which the
/// keywords that cannot matter for the type, impossible branches and contradictions are left out as they come.
/// </summary>
internal sealed partial class FactExpander(SchemaCompiler compiler, JsonType type)
{
    private readonly SchemaDocument _document = compiler.Document;
    private readonly List<Facts> _results = [];
    private int[] _roots = [];

    public List<Facts> Run(int[] literals)
    {
        _roots = literals;
        var work = new Work(new Facts(), new Stack<(int, string)>(literals.Reverse().Select(static literal => (literal, ""))), [], new Queue<List<Action<Work>>>(), []);
        Explore(work);
        return _results;
    }

    private void Explore(Work work)
    {
        compiler.Rx.CountStep(20);
        while (work.Todo.TryPop(out var next))
        {
            var (literal, order) = next;
            work.Order = order;
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
            return ApplyNegation(work, node);
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
                var target = _document.Resolve(node, keyword, value);
                if (_roots.Contains(Positive(node)))
                    _roots = [.. _roots, Positive(target)];
                return Push(work, Positive(target));
            case "type":
                return Keywords.Allows(node, value, type);
            case "const":
                return Push(work, Positive(_document.Constant(node, keyword, null, value)));
            case "enum":
                return ApplyEnum(work, node, value);
            case "allOf":
                var place = '\0';
                foreach (var child in _document.Children(node, keyword, value))
                    work.Todo.Push((Positive(child), work.Order + ++place));
                return true;
            case "anyOf":
                return ApplyAnyOf(work, [.. _document.Children(node, keyword, value)]);
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

    private bool ApplyAnyOf(Work work, SchemaNode[] branches)
    {
        if (Array.Exists(branches, branch => SchemaCompiler.IsVacuous(branch, type)))
            return true;

        branches = Array.FindAll(branches, branch => !compiler.IsImpossible(branch, type));
        if (branches.Length > 1 && TryGuard(work, branches, static items => new Presence.Any(items)))
            return true;

        return Choose(work, [.. branches.Select(Action<Work> (branch) => next => next.Push(Positive(branch)))]);
    }

    private bool ApplyOneOf(Work work, SchemaNode[] branches)
    {
        branches = Array.FindAll(branches, branch => !compiler.IsImpossible(branch, type));
        if (branches.Length > 1 && TryGuard(work, branches, static items => new Presence.ExactlyOne(items)))
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
        if (then is null && otherwise is null)
            return true;
        if (SchemaCompiler.IsVacuous(condition, type))
            return then is null || Push(work, Positive(then));
        if (compiler.IsImpossible(condition, type))
            return otherwise is null || Push(work, Positive(otherwise));

        if (type == JsonType.Object && compiler.GetPresence(condition) is { } test
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

    private static bool Choose(Work work, List<Action<Work>> alternatives)
    {
        var order = work.Order;
        alternatives = alternatives.ConvertAll<Action<Work>>(alternative => next =>
        {
            next.Order = order;
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

    /// <summary>One line of the search.</summary>
    /// <param name="Facts">What is known.</param>
    /// <param name="Todo">Literals that are still to be applied.</param>
    /// <param name="Done">Literals that were.</param>
    /// <param name="Branches">Choices that are still to be made.</param>
    /// <param name="Last">What is to be done when all else is.</param>
    private sealed record Work(
        Facts Facts, Stack<(int Literal, string Order)> Todo, HashSet<int> Done, Queue<List<Action<Work>>> Branches, List<Action<Work>> Last)
    {
        /// <summary>Where the text stands that is applied: compares as the places do.</summary>
        public string Order { get; set; } = "";

        public void Push(int literal) => Todo.Push((literal, Order));

        public Work Fork() => new(
            Facts.Clone(), new Stack<(int, string)>(Todo.Reverse()), [.. Done], new Queue<List<Action<Work>>>(Branches), [.. Last]);
    }
}
