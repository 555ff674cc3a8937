using System.Numerics;
using ModelRunner.ChatTemplates.Compilation;

namespace ModelRunner.ChatTemplates.Values;

/// <summary>Python's comparisons, membership and iteration.</summary>
internal static class Operations
{
    public static bool AreEqual(Value left, Value right) => AreEqual(left, right, 0);

    public static int Compare(Value left, Value right, string sign = "<") => Compare(left, right, sign, 0);

    public static bool Contains(Value container, Value item, Rendering rendering)
    {
        switch (container)
        {
            case TextValue text:
                if (item is UndefinedValue undefined)
                    throw undefined.Used();

                if (item is not TextValue part)
                    throw TemplateException.Runtime($"'in <string>' requires string as left operand, not {item.TypeName}");

                rendering.Charge(text.Text.Length);
                return text.Text.Contains(part.Text, StringComparison.Ordinal);
            case DictionaryValue dictionary:
                return dictionary.TryGet(item, out _);
            case ViewValue { Kind: ViewKind.Keys } keys:
                return keys.Source.TryGet(item, out _);
            default:
                foreach (var element in Iterate(container, rendering))
                    if (ReferenceEquals(element, item) || AreEqual(element, item))
                        return true;

                return false;
        }
    }

    /// <summary>The elements, as <c>for</c> sees them.</summary>
    public static IReadOnlyList<Value> Iterate(Value value, Rendering rendering)
    {
        switch (value)
        {
            case ListValue list:
                rendering.ChargeItems(list.Items.Count);
                return list.Items;
            case DictionaryValue dictionary:
                rendering.ChargeItems(dictionary.Length);
                return dictionary.Entries.ConvertAll(entry => entry.Key);
            case ViewValue view:
                rendering.ChargeItems(view.Length);
                return [.. view.Items];
            case TextValue text:
                rendering.ChargeItems(text.Text.Length);
                return Characters(text);
            case RangeValue range:
                rendering.ChargeItems(range.Length);
                return [.. Enumerable.Range(0, range.Length).Select(range.At)];
            case GeneratorValue generator:
                var items = new List<Value>();
                while (generator.TryNext(out var item))
                {
                    rendering.Step();
                    items.Add(item);
                }

                return items;
            case GroupValue group:
                return [group.Grouper, group.List];
            case UndefinedValue:
                return [];
            case LoopValue loop:
                return loop.Rest();
            default:
                throw TemplateException.Runtime($"'{value.TypeName}' object is not iterable");
        }
    }

    public static List<Value> Characters(TextValue text)
    {
        var characters = new List<Value>(text.Text.Length);
        for (var i = 0; i < text.Text.Length;)
        {
            var width = CodePoints.Width(text.Text, i);
            characters.Add(new TextValue(text.Text.Substring(i, width), TextMarks.Slice(text.Marks, i, width)));
            i += width;
        }

        return characters;
    }

    public static void RequireHashable(Value value)
    {
        if (value is ListValue { IsTuple: false } or DictionaryValue)
            throw TemplateException.Runtime($"unhashable type: '{value.TypeName}'");

        if (value is ListValue tuple)
            foreach (var item in tuple.Items)
                RequireHashable(item);
    }

    public static int RequireLength(Value value) =>
        value.Length >= 0 ? value.Length : throw TemplateException.Runtime($"object of type '{value.TypeName}' has no len()");

    private static bool AreEqual(Value left, Value right, int depth)
    {
        switch (left)
        {
            case TextValue text:
                return right is TextValue other && text.Text == other.Text;
            case NoneValue:
                return right is NoneValue;
            case UndefinedValue:
                return right is UndefinedValue;
            case BooleanValue or IntegerValue or FloatValue:
                return right is BooleanValue or IntegerValue or FloatValue && Arithmetic.Compare(left, right) == 0;
            case ListValue list:
                if (right is not ListValue items || items.IsTuple != list.IsTuple || items.Items.Count != list.Items.Count)
                    return false;

                Deepen(depth);
                for (var i = 0; i < list.Items.Count; i++)
                    if (!AreEqual(list.Items[i], items.Items[i], depth + 1))
                        return false;

                return true;
            case DictionaryValue dictionary:
                if (right is not DictionaryValue entries || entries.Length != dictionary.Length)
                    return false;

                Deepen(depth);
                foreach (var (key, value) in dictionary.Entries)
                    if (!entries.TryGet(key, out var same) || !AreEqual(value, same, depth + 1))
                        return false;

                return true;
            case RangeValue range:
                return right is RangeValue ranged && range.Length == ranged.Length
                    && (range.Length == 0 || (range.Start == ranged.Start && (range.Length == 1 || range.Step == ranged.Step)));
            default:
                return ReferenceEquals(left, right);
        }
    }

    private static int Compare(Value left, Value right, string sign, int depth)
    {
        switch (left, right)
        {
            case (TextValue a, TextValue b):
                return CodePoints.Compare(a.Text, b.Text);
            case (BooleanValue or IntegerValue or FloatValue, BooleanValue or IntegerValue or FloatValue):
                return Arithmetic.Compare(left, right);
            case (ListValue a, ListValue b) when a.IsTuple == b.IsTuple:
                Deepen(depth);
                for (var i = 0; i < Math.Min(a.Items.Count, b.Items.Count); i++)
                    if (!AreEqual(a.Items[i], b.Items[i], depth + 1))
                        return Compare(a.Items[i], b.Items[i], sign, depth + 1);

                return a.Items.Count.CompareTo(b.Items.Count);
            case (UndefinedValue undefined, _):
                throw undefined.Used();
            case (_, UndefinedValue undefined):
                throw undefined.Used();
            default:
                throw TemplateException.Runtime(
                    $"'{sign}' not supported between instances of '{left.TypeName}' and '{right.TypeName}'");
        }
    }

    private static void Deepen(int depth)
    {
        if (depth > NestingLimit)
            throw TemplateException.Limit($"A value is nested more than {NestingLimit} deep.");
    }

    /// <summary>How deep values may be nested that are compared or printed.</summary>
    public const int NestingLimit = 256;

    /// <summary>Text or nothing: what <c>+</c> and the methods of texts need.</summary>
    public static BigInteger RequireInteger(Value value, string what) => value switch
    {
        IntegerValue integer => integer.Number,
        BooleanValue flag => flag.Flag ? 1 : 0,
        UndefinedValue undefined => throw undefined.Used(),
        _ => throw TemplateException.Runtime($"{what} must be an int, not {value.TypeName}"),
    };
}
