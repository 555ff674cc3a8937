namespace ModelRunner.ChatTemplates.Values;

/// <summary>A Python list, or a tuple.</summary>
public sealed class ListValue : Value
{
    internal ListValue(List<Value> items, bool isTuple = false)
    {
        Items = items;
        IsTuple = isTuple;
    }

    /// <summary>A list of these values.</summary>
    public ListValue(IEnumerable<Value> items)
        : this([.. items], isTuple: false)
    {
    }

    /// <summary>The elements.</summary>
    public IReadOnlyList<Value> Parts => Items;

    internal List<Value> Items { get; }

    internal bool IsTuple { get; }

    internal override string TypeName => IsTuple ? "tuple" : "list";

    internal override bool IsTrue => Items.Count > 0;

    internal override int Length => Items.Count;

    internal static ListValue Tuple(params List<Value> items) => new(items, isTuple: true);
}
