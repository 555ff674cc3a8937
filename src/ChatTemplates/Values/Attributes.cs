using ModelRunner.ChatTemplates.Builtins;
using ModelRunner.ChatTemplates.Compilation;

namespace ModelRunner.ChatTemplates.Values;

/// <summary><c>a.b</c>, <c>a[b]</c> and slices.</summary>
internal static class Attributes
{
    /// <summary>An attribute first, then an element, as the reference does it.</summary>
    public static Value GetAttribute(Value owner, TextValue name, Rendering rendering)
    {
        if (owner is UndefinedValue undefined)
            throw undefined.Used();

        if (TryOwnAttribute(owner, name.Text, rendering, out var attribute))
            return attribute;

        if (owner is DictionaryValue dictionary && dictionary.TryGet(name, out var value))
            return value;

        return UndefinedValue.Attribute(owner, name.Text);
    }

    /// <summary>An element first, then an attribute.</summary>
    public static Value GetElement(Value owner, Value key, Rendering rendering)
    {
        switch (owner)
        {
            case UndefinedValue undefined:
                throw undefined.Used();
            case DictionaryValue dictionary:
                if (key is not (ListValue { IsTuple: false } or DictionaryValue) && dictionary.TryGet(key, out var value))
                    return value;

                break;
            case ListValue list:
                if (TryIndex(key, list.Items.Count, out var at))
                    return list.Items[at];

                break;
            case TextValue text:
                if (TryIndex(key, text.Length, out at))
                    return CharacterAt(text, at);

                break;
            case RangeValue range:
                if (TryIndex(key, range.Length, out at))
                    return range.At(at);

                break;
            case GroupValue group:
                if (TryIndex(key, 2, out at))
                    return at == 0 ? group.Grouper : group.List;

                break;
        }

        if (key is TextValue name && TryOwnAttribute(owner, name.Text, rendering, out var attribute))
            return attribute;

        return UndefinedValue.Element(owner, key);
    }

    public static bool CanSlice(Value owner) => owner is TextValue or ListValue or RangeValue or GroupValue;

    public static Value Slice(Value owner, Value? start, Value? stop, Value? step, Rendering rendering)
    {
        if (owner is UndefinedValue undefined)
            throw undefined.Used();

        if (!CanSlice(owner))
            throw TemplateException.Runtime($"'{owner.TypeName}' object is not subscriptable");

        var length = owner.Length;
        var by = Bound(step, 1);
        if (by == 0)
            throw TemplateException.Runtime("slice step cannot be zero");

        // Python's slice.indices: bounds are clamped into [0, length], or [-1, length - 1] going back.
        var low = by > 0 ? 0 : -1;
        var high = by > 0 ? length : length - 1;
        var from = Clamp(start, by > 0 ? low : high, length, low, high);
        var to = Clamp(stop, by > 0 ? high : low, length, low, high);
        if (owner is TextValue text)
            return SliceText(text, from, to, by, rendering);

        var items = new List<Value>();
        if (owner is RangeValue range)
        {
            return new RangeValue(range.Start + (from * range.Step), range.Start + (to * range.Step), range.Step * by);
        }

        var source = Operations.Iterate(owner, rendering);
        for (var i = from; by > 0 ? i < to : i > to; i += by)
            items.Add(source[(int)i]);

        return new ListValue(items, owner is not ListValue { IsTuple: false });
    }

    private static TextValue SliceText(TextValue text, long from, long to, long by, Rendering rendering)
    {
        rendering.Charge(text.Text.Length);
        if (by == 1 && !text.HasPairs)
            return text.Cut((int)from, (int)Math.Max(0, to - from));

        var starts = CodePoints.Starts(text.Text);
        if (by == 1)
            return from >= to ? TextValue.Empty : text.Cut(starts[from], starts[to] - starts[from]);

        var builder = new TextBuilder();
        for (var i = from; by > 0 ? i < to : i > to; i += by)
            builder.Append(text.Cut(starts[i], starts[i + 1] - starts[i]));

        return builder.ToText();
    }

    private static TextValue CharacterAt(TextValue text, int at)
    {
        if (!text.HasPairs)
            return text.Cut(at, 1);

        var starts = CodePoints.Starts(text.Text);
        return text.Cut(starts[at], starts[at + 1] - starts[at]);
    }

    private static bool TryOwnAttribute(Value owner, string name, Rendering rendering, out Value value)
    {
        switch (owner)
        {
            case NamespaceValue space:
                value = space.Attributes.Get(name)!;
                return value is not null;
            case LoopValue loop:
                value = loop.GetAttribute(name, rendering)!;
                return value is not null;
            case GroupValue group:
                value = name switch { "grouper" => group.Grouper, "list" => group.List, _ => null! };
                return value is not null;
            case CyclerValue cycler:
                value = name switch
                {
                    "current" => cycler.Current,
                    "next" => new FunctionValue(name, _ => cycler.Next()),
                    "reset" => new FunctionValue(name, _ =>
                    {
                        cycler.Reset();
                        return NoneValue.Instance;
                    }),
                    _ => null!,
                };
                return value is not null;
            case MacroValue macro:
                value = macro.GetAttribute(name)!;
                return value is not null;
            default:
                value = Methods.Find(owner, name) is { } method
                    ? new FunctionValue(name, arguments => method(owner, arguments))
                    : null!;
                return value is not null;
        }
    }

    private static bool TryIndex(Value key, int length, out int index)
    {
        index = 0;
        if (key is not (IntegerValue or BooleanValue))
            return false;

        var number = Operations.RequireInteger(key, "index");
        if (number < 0)
            number += length;

        if (number < 0 || number >= length)
            return false;

        index = (int)number;
        return true;
    }

    private static long Bound(Value? value, long fallback) => value switch
    {
        null or NoneValue => fallback,
        BooleanValue or IntegerValue => Arithmetic.ToIndex(value, "index"),
        UndefinedValue undefined => throw undefined.Used(),
        _ => throw TemplateException.Runtime("slice indices must be integers or None or have an __index__ method"),
    };

    private static long Clamp(Value? value, long fallback, long length, long low, long high)
    {
        if (value is null or NoneValue)
            return fallback;

        var bound = Bound(value, 0);
        return Math.Clamp(bound < 0 ? bound + length : bound, low, high);
    }
}
