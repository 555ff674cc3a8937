using ModelRunner.ChatTemplates.Compilation;

namespace ModelRunner.ChatTemplates.Values;

/// <summary>The variable <c>loop</c>.</summary>
internal sealed class LoopValue(IReadOnlyList<Value> items, int depth, Func<Value, int, Value>? recurse) : Value
{
    private Value[]? _lastChanged;

    public int Index { get; set; }

    internal override string TypeName => "LoopContext";

    internal override int Length => items.Count;

    public Value? GetAttribute(string name, Rendering rendering) => name switch
    {
        "index" => From(Index + 1),
        "index0" => From(Index),
        "revindex" => From(items.Count - Index),
        "revindex0" => From(items.Count - Index - 1),
        "first" => From(Index == 0),
        "last" => From(Index == items.Count - 1),
        "length" => From(items.Count),
        "depth" => From(depth + 1),
        "depth0" => From(depth),
        "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("there is no previous item"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new UndefinedValue("there is no next item"),
        "cycle" => new FunctionValue(name, Cycle),
        "changed" => new FunctionValue(name, Changed),
        _ => null,
    };

    /// <summary>Walks the items again by the body of the recursive loop, and gives its text.</summary>
    public Value Invoke(Arguments arguments)
    {
        if (recurse is null)
            throw TemplateException.Runtime("The loop must have the 'recursive' marker to be called recursively.");

        return recurse(arguments.Expect(1, "iterable").Get(0, "iterable")!, depth + 1);
    }

    public IReadOnlyList<Value> Rest() => [.. items.Skip(Index + 1)];

    private Value Cycle(Arguments arguments) =>
        arguments.Positional.Length == 0
            ? throw TemplateException.Runtime("no items for cycling given")
            : arguments.Positional[Index % arguments.Positional.Length];

    private BooleanValue Changed(Arguments arguments)
    {
        var values = arguments.Positional;
        if (_lastChanged is not null && _lastChanged.Length == values.Length && _lastChanged.Zip(values).All(pair => Operations.AreEqual(pair.First, pair.Second)))
            return BooleanValue.False;

        _lastChanged = values;
        return BooleanValue.True;
    }
}
