using System.Numerics;
using ModelRunner.ChatTemplates.Compilation;

namespace ModelRunner.ChatTemplates.Values;

/// <summary>A function, a bound method, or a class such as <c>namespace</c>.</summary>
internal sealed class FunctionValue(string name, Func<Arguments, Value> invoke) : Value
{
    public string Name => name;

    internal override string TypeName => "function";

    public Value Invoke(Arguments arguments) => invoke(arguments);
}

/// <summary>The object of <c>namespace()</c>, the only one whose attributes a template may set.</summary>
internal sealed class NamespaceValue : Value
{
    public DictionaryValue Attributes { get; } = new();

    internal override string TypeName => "Namespace";
}

/// <summary>Python's <c>range</c>.</summary>
internal sealed class RangeValue(long start, long stop, long step) : Value
{
    public long Start => start;

    public long Stop => stop;

    public long Step => step;

    internal override string TypeName => "range";

    internal override bool IsTrue => Length > 0;

    internal override int Length { get; } = Count(start, stop, step);

    public Value At(int index) => IntegerValue.Of(start + (index * step));

    private static int Count(long start, long stop, long step)
    {
        var distance = step > 0 ? (BigInteger)stop - start : (BigInteger)start - stop;
        return distance <= 0 ? 0 : (int)BigInteger.Min(int.MaxValue, (distance + BigInteger.Abs(step) - 1) / BigInteger.Abs(step));
    }
}

/// <summary>What a view of a dictionary shows.</summary>
internal enum ViewKind
{
    Keys,
    Values,
    Items,
}

/// <summary>The live result of <c>keys</c>, <c>values</c> or <c>items</c>.</summary>
internal sealed class ViewValue(DictionaryValue source, ViewKind kind) : Value
{
    public ViewKind Kind => kind;

    public DictionaryValue Source => source;

    internal override string TypeName => kind switch
    {
        ViewKind.Keys => "dict_keys",
        ViewKind.Values => "dict_values",
        _ => "dict_items",
    };

    internal override bool IsTrue => source.IsTrue;

    internal override int Length => source.Length;

    public IEnumerable<Value> Items => source.Entries.Select(entry => kind switch
    {
        ViewKind.Keys => entry.Key,
        ViewKind.Values => entry.Value,
        _ => ListValue.Tuple(entry.Key, entry.Value),
    });
}

/// <summary>A lazy sequence that can be walked once.</summary>
internal sealed class GeneratorValue(IEnumerable<Value> items) : Value
{
    private readonly IEnumerator<Value> _items = items.GetEnumerator();

    internal override string TypeName => "generator";

    public bool TryNext(out Value value)
    {
        var has = _items.MoveNext();
        value = has ? _items.Current : NoneValue.Instance;
        return has;
    }
}

/// <summary>A group of <c>groupby</c>: a tuple whose parts have names.</summary>
internal sealed class GroupValue(Value grouper, ListValue list) : Value
{
    public Value Grouper => grouper;

    public ListValue List => list;

    internal override string TypeName => "_GroupTuple";

    internal override int Length => 2;
}

/// <summary><c>cycler(...)</c>.</summary>
internal sealed class CyclerValue(Value[] items) : Value
{
    private int _at;

    internal override string TypeName => "Cycler";

    public Value Current => items[_at];

    public Value Next()
    {
        var current = items[_at];
        _at = (_at + 1) % items.Length;
        return current;
    }

    public void Reset() => _at = 0;
}

/// <summary><c>joiner(...)</c>: empty at the first call, the separator afterwards.</summary>
internal sealed class JoinerValue(Value separator) : Value
{
    private bool _isUsed;

    internal override string TypeName => "Joiner";

    public Value Next()
    {
        var text = _isUsed ? separator : TextValue.Empty;
        _isUsed = true;
        return text;
    }
}
