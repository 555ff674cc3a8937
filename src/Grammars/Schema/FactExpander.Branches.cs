using System.Text.Json;

namespace ModelRunner.Grammars.Schema;

// The keywords that leave a choice.
internal sealed partial class FactExpander
{
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
}
