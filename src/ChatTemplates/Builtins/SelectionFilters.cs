using System.Globalization;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>Filters that choose, map, order or group elements.</summary>
internal static class SelectionFilters
{
    public static readonly IReadOnlyDictionary<string, Filter> Table = new Dictionary<string, Filter>
    {
        ["map"] = Map,
        ["select"] = static (subject, arguments) => Select(subject, arguments, wanted: true, byAttribute: false),
        ["reject"] = static (subject, arguments) => Select(subject, arguments, wanted: false, byAttribute: false),
        ["selectattr"] = static (subject, arguments) => Select(subject, arguments, wanted: true, byAttribute: true),
        ["rejectattr"] = static (subject, arguments) => Select(subject, arguments, wanted: false, byAttribute: true),
        ["sort"] = Sort,
        ["unique"] = Unique,
        ["min"] = static (subject, arguments) => Extreme(subject, arguments, -1),
        ["max"] = static (subject, arguments) => Extreme(subject, arguments, 1),
        ["groupby"] = GroupBy,
    };

    /// <summary>Reads <c>a.b.0</c> of an element; without an attribute the element itself.</summary>
    public static Func<Value, Value> AttributeGetter(Value? attribute, Value? fallback, Rendering rendering)
    {
        if (attribute is null or NoneValue)
            return static value => value;

        var parts = attribute is TextValue path
            ? path.Text.Split('.').Select(part => Part(part, path.Marks)).ToArray()
            : [attribute];
        return value =>
        {
            foreach (var part in parts)
            {
                rendering.Step();
                value = Attributes.GetElement(value, part, rendering);
                if (value is UndefinedValue && fallback is not null)
                    value = fallback;
            }

            return value;
        };

        static Value Part(string part, int[] marks) =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? Value.From(index) : new TextValue(part, marks);
    }

    /// <summary>Texts in lower case, where case does not count.</summary>
    public static Value Fold(Value value, bool isExact) =>
        !isExact && value is TextValue text ? text.With(TextCase.Lower(text.Text)) : value;

    private static GeneratorValue Map(Value subject, Arguments arguments)
    {
        // What is empty or false maps to nothing, whatever its type.
        if (!subject.IsTrue)
            return new GeneratorValue([]);

        var rendering = arguments.Rendering;
        var items = Operations.Iterate(subject, rendering);
        if (arguments.Positional.Length == 0)
        {
            if (!arguments.Named.Any(argument => argument.Key == "attribute"))
                throw TemplateException.Runtime("map requires a filter argument");

            arguments.Expect(0, "attribute", "default");
            var getter = AttributeGetter(arguments.Get(0, "attribute"), arguments.Get(1, "default"), rendering);
            return new GeneratorValue(items.Select(getter));
        }

        if (arguments.Positional[0] is not TextValue name || !Filters.TryFind(name.Text, out var filter))
            throw TemplateException.Runtime($"No filter named {PythonText.Repr(arguments.Positional[0])}.");

        var rest = new Arguments(rendering, arguments.Positional[1..], arguments.Named);
        return new GeneratorValue(items.Select(item =>
        {
            rendering.Step();
            return filter(item, rest);
        }));
    }

    private static GeneratorValue Select(Value subject, Arguments arguments, bool wanted, bool byAttribute)
    {
        if (!subject.IsTrue)
            return new GeneratorValue([]);

        var rendering = arguments.Rendering;
        var items = Operations.Iterate(subject, rendering);
        var positional = arguments.Positional;
        var getter = static Value (Value value) => value;
        if (byAttribute)
        {
            if (positional.Length == 0)
                throw TemplateException.Runtime("Missing parameter for attribute name");

            getter = AttributeGetter(positional[0], null, rendering);
            positional = positional[1..];
        }

        Func<Value, bool> holds = static value => value.IsTrue;
        if (positional.Length > 0)
        {
            if (positional[0] is not TextValue name || !Tests.TryFind(name.Text, out var test))
                throw TemplateException.Runtime($"No test named {PythonText.Repr(positional[0])}.");

            var rest = new Arguments(rendering, positional[1..], arguments.Named);
            holds = value => test(value, rest);
        }

        return new GeneratorValue(items.Where(item =>
        {
            rendering.Step();
            return holds(getter(item)) == wanted;
        }));
    }

    private static ListValue Sort(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "reverse", "case_sensitive", "attribute");
        var isExact = arguments.GetFlag(1, "case_sensitive", false);
        var key = SortKey(arguments.Get(2, "attribute"), isExact, arguments.Rendering);
        var items = Operations.Iterate(subject, arguments.Rendering);
        return new ListValue([.. Filters.Sort(items, key, arguments.GetFlag(0, "reverse", false), arguments.Rendering)], isTuple: false);
    }

    // sort knows several attributes, with commas between. Keys are lists: equal values are in order, whatever they are.
    private static Func<Value, Value> SortKey(Value? attribute, bool isExact, Rendering rendering)
    {
        if (attribute is not TextValue text || !text.Text.Contains(','))
        {
            var getter = AttributeGetter(attribute, null, rendering);
            return value => new ListValue([Fold(getter(value), isExact)], isTuple: false);
        }

        var getters = text.Text.Split(',').Select(part => AttributeGetter(new TextValue(part), null, rendering)).ToArray();
        return value => new ListValue([.. getters.Select(getter => Fold(getter(value), isExact))], isTuple: false);
    }

    private static GeneratorValue Unique(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "case_sensitive", "attribute");
        var isExact = arguments.GetFlag(0, "case_sensitive", false);
        var getter = AttributeGetter(arguments.Get(1, "attribute"), null, arguments.Rendering);
        var seen = new DictionaryValue();
        var unique = new List<Value>();
        foreach (var item in Operations.Iterate(subject, arguments.Rendering))
        {
            var key = Fold(getter(item), isExact);
            Operations.RequireHashable(key);
            if (seen.TryGet(key, out _))
                continue;

            seen.Set(key, item);
            unique.Add(item);
        }

        return new GeneratorValue(unique);
    }

    private static Value Extreme(Value subject, Arguments arguments, int direction)
    {
        arguments.Expect(0, "case_sensitive", "attribute");
        var isExact = arguments.GetFlag(0, "case_sensitive", false);
        var getter = AttributeGetter(arguments.Get(1, "attribute"), null, arguments.Rendering);
        Value? best = null;
        Value? bestKey = null;
        foreach (var item in Operations.Iterate(subject, arguments.Rendering))
        {
            var key = Fold(getter(item), isExact);
            if (best is null || (direction < 0 ? Operations.Compare(key, bestKey!) is < 0 : Operations.Compare(bestKey!, key) is < 0))
                (best, bestKey) = (item, key);
        }

        return best ?? new UndefinedValue("No aggregated item, sequence was empty.");
    }

    private static ListValue GroupBy(Value subject, Arguments arguments)
    {
        arguments.Expect(1, "attribute", "default", "case_sensitive");
        var isExact = arguments.GetFlag(2, "case_sensitive", false);
        var getter = AttributeGetter(arguments.Get(0, "attribute"), arguments.Get(1, "default"), arguments.Rendering);
        var sorted = Filters.Sort(
            Operations.Iterate(subject, arguments.Rendering),
            item => Fold(getter(item), isExact),
            isReverse: false,
            arguments.Rendering);
        var groups = new List<Value>();
        GroupValue? group = null;
        Value? groupKey = null;
        foreach (var item in sorted)
        {
            var key = Fold(getter(item), isExact);
            if (group is null || !Operations.AreEqual(key, groupKey!))
            {
                group = new GroupValue(getter(item), new ListValue([], isTuple: false));
                groupKey = key;
                groups.Add(group);
            }

            group.List.Items.Add(item);
        }

        return new ListValue(groups, isTuple: false);
    }
}
