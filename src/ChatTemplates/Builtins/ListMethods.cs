using System.Collections.Frozen;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>Methods of <c>list</c> and <c>tuple</c>.</summary>
internal static class ListMethods
{
    private static readonly FrozenDictionary<string, Method> Table = new Dictionary<string, Method>
    {
        ["append"] = static (self, arguments) => Change(arguments, 1, items => items.Add(arguments.Positional[0]), self),
        ["clear"] = static (self, arguments) => Change(arguments, 0, items => items.Clear(), self),
        ["extend"] = static (self, arguments) => Change(arguments, 1, items => items.AddRange([.. Operations.Iterate(arguments.Positional[0], arguments.Rendering)]), self),
        ["insert"] = static (self, arguments) => Change(arguments, 2, items => items.Insert(Place(arguments.Positional[0], items.Count), arguments.Positional[1]), self),
        ["reverse"] = static (self, arguments) => Change(arguments, 0, items => items.Reverse(), self),
        ["remove"] = static (self, arguments) => Change(arguments, 1, items => items.RemoveAt(IndexOf(items, arguments.Positional[0], 0, items.Count)), self),
        ["sort"] = static (self, arguments) =>
        {
            arguments.Expect(0, "key", "reverse");
            var sorted = Filters.Sort(Of(self), static value => value, arguments.GetFlag(1, "reverse", false), arguments.Rendering);
            return Change(new Arguments(arguments.Rendering, [], []), 0, items =>
            {
                items.Clear();
                items.AddRange(sorted);
            }, self);
        },
        ["copy"] = static (self, arguments) => Slice(self, arguments),
        ["count"] = Count,
        ["index"] = Index,
        ["pop"] = static (self, arguments) =>
        {
            arguments.Expect(0, "index");
            var items = Of(self);
            var index = arguments.GetInteger(0, "index", -1);
            if (items.Count == 0)
                throw TemplateException.Runtime("pop from empty list");

            index = index < 0 ? index + items.Count : index;
            if (index < 0 || index >= items.Count)
                throw TemplateException.Runtime("pop index out of range");

            var item = items[index];
            items.RemoveAt(index);
            return item;
        },
    }.ToFrozenDictionary();

    public static Method? Find(string name) => Table.GetValueOrDefault(name);

    public static Method? FindForTuple(string name) => name switch { "count" => Count, "index" => Index, _ => null };

    private static List<Value> Of(Value self) => ((ListValue)self).Items;

    private static NoneValue Change(Arguments arguments, int count, Action<List<Value>> change, Value self)
    {
        if (arguments.Positional.Length != count || arguments.Named.Length > 0)
            throw TemplateException.Runtime($"A method of list takes {count} arguments, and got {arguments.Positional.Length + arguments.Named.Length}.");

        arguments.Rendering.Step();
        change(Of(self));
        return NoneValue.Instance;
    }

    private static ListValue Slice(Value self, Arguments arguments)
    {
        arguments.Expect(0).Rendering.ChargeItems(Of(self).Count);
        return new ListValue([.. Of(self)], isTuple: false);
    }

    private static Value Count(Value self, Arguments arguments)
    {
        arguments.Expect(1, "value").Rendering.ChargeItems(Of(self).Count);
        return Value.From(Of(self).Count(item => Operations.AreEqual(item, arguments.Positional[0])));
    }

    private static Value Index(Value self, Arguments arguments)
    {
        arguments.Expect(1, "value", "start", "stop").Rendering.ChargeItems(Of(self).Count);
        var length = Of(self).Count;
        var start = arguments.Get(1, "start") is { } from ? Place(from, length) : 0;
        var stop = arguments.Get(2, "stop") is { } to ? Place(to, length) : length;
        return Value.From(IndexOf(Of(self), arguments.Get(0, "value")!, start, stop));
    }

    private static int IndexOf(List<Value> items, Value value, int start, int stop)
    {
        for (var i = start; i < stop; i++)
            if (Operations.AreEqual(items[i], value))
                return i;

        throw TemplateException.Runtime($"{Printing.PythonText.Repr(value)} is not in list");
    }

    private static int Place(Value value, int length)
    {
        var place = Arithmetic.ToIndex(value, "index");
        return Math.Clamp(place < 0 ? place + length : place, 0, length);
    }
}
