using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>Filters on sequences and dictionaries.</summary>
internal static class SequenceFilters
{
    public static readonly IReadOnlyDictionary<string, Filter> Table = new Dictionary<string, Filter>
    {
        ["length"] = Length,
        ["count"] = Length,
        ["default"] = Default,
        ["d"] = Default,
        ["first"] = static (subject, arguments) => Operations.Iterate(subject, arguments.Expect(0).Rendering) is [var first, ..]
            ? first
            : new UndefinedValue("No first item, sequence was empty."),
        ["last"] = static (subject, arguments) => subject is GeneratorValue or ViewValue { Kind: ViewKind.Items } && subject is GeneratorValue
            ? throw TemplateException.Runtime($"'{subject.TypeName}' object is not reversible")
            : Operations.Iterate(subject, arguments.Expect(0).Rendering) is [.., var last] ? last : new UndefinedValue("No last item, sequence was empty."),
        ["list"] = static (subject, arguments) => new ListValue([.. Operations.Iterate(subject, arguments.Expect(0).Rendering)], isTuple: false),
        ["join"] = Join,
        ["reverse"] = Reverse,
        ["items"] = static (subject, arguments) =>
        {
            arguments.Expect(0);
            return subject switch
            {
                UndefinedValue => new GeneratorValue([]),
                DictionaryValue dictionary => new GeneratorValue(new ViewValue(dictionary, ViewKind.Items).Items),
                _ => throw TemplateException.Runtime("Can only get item pairs from a mapping."),
            };
        },
        ["dictsort"] = DictionarySort,
        ["batch"] = Batch,
        ["slice"] = Slice,
    };

    private static Value Length(Value subject, Arguments arguments)
    {
        arguments.Expect(0);
        return Value.From(Operations.RequireLength(subject));
    }

    private static Value Default(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "default_value", "boolean");
        var isMissing = subject is UndefinedValue || (arguments.GetFlag(1, "boolean", false) && !subject.IsTrue);
        return isMissing ? arguments.Get(0, "default_value", TextValue.Empty) : subject;
    }

    private static TextValue Join(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "d", "attribute");
        var rendering = arguments.Rendering;
        var separator = PythonText.ToText(arguments.Get(0, "d", TextValue.Empty), rendering);
        var key = SelectionFilters.AttributeGetter(arguments.Get(1, "attribute"), null, rendering);
        var items = Operations.Iterate(subject, rendering);
        var texts = new TextValue[items.Count];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = PythonText.ToText(key(items[i]), rendering);

        return MarkupText.Join(texts, new TextValue(separator.Text, separator.Marks), isSafe: false, rendering);
    }

    private static Value Reverse(Value subject, Arguments arguments)
    {
        arguments.Expect(0);
        if (subject is TextValue text)
            return Attributes.Slice(text, null, null, Value.From(-1), arguments.Rendering);

        if (subject is NoneValue or BooleanValue or IntegerValue or FloatValue)
            throw TemplateException.Runtime("argument must be iterable");

        return new GeneratorValue([.. Operations.Iterate(subject, arguments.Rendering).Reverse()]);
    }

    private static ListValue DictionarySort(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "case_sensitive", "by", "reverse");
        var isExact = arguments.GetFlag(0, "case_sensitive", false);
        var by = arguments.GetText(1, "by")?.Text ?? "key";
        if (by is not ("key" or "value"))
            throw TemplateException.Runtime("You can only sort by either \"key\" or \"value\"");

        if (subject is UndefinedValue undefined)
            throw undefined.Used();

        if (subject is not DictionaryValue dictionary)
            throw TemplateException.Runtime($"'{subject.TypeName}' object has no attribute 'items'");

        var place = by == "key" ? 0 : 1;
        Value[] pairs = [.. new ViewValue(dictionary, ViewKind.Items).Items];
        var sorted = Filters.Sort(
            pairs,
            pair => SelectionFilters.Fold(((ListValue)pair).Items[place], isExact),
            arguments.GetFlag(2, "reverse", false),
            arguments.Rendering);
        return new ListValue([.. sorted], isTuple: false);
    }

    private static GeneratorValue Batch(Value subject, Arguments arguments)
    {
        arguments.Expect(1, "linecount", "fill_with");
        var size = arguments.GetInteger(0, "linecount", 1);
        var fill = arguments.Get(1, "fill_with");
        var batches = new List<Value>();
        List<Value>? batch = null;
        foreach (var item in Operations.Iterate(subject, arguments.Rendering))
        {
            if (batch is null || batch.Count == size)
            {
                batch = [];
                batches.Add(new ListValue(batch, isTuple: false));
            }

            batch.Add(item);
        }

        if (batch is not null && fill is not null and not NoneValue)
        {
            arguments.Rendering.ChargeItems(Math.Max(0, size - batch.Count));
            while (batch.Count < size)
                batch.Add(fill);
        }

        return new GeneratorValue(batches);
    }

    private static GeneratorValue Slice(Value subject, Arguments arguments)
    {
        arguments.Expect(1, "slices", "fill_with");
        var items = Operations.Iterate(subject, arguments.Rendering);
        var count = arguments.GetInteger(0, "slices", 1);
        if (count == 0)
            throw TemplateException.Runtime("integer division or modulo by zero");

        arguments.Rendering.ChargeItems(Math.Max(0, count));
        var fill = arguments.Get(1, "fill_with");
        var (perSlice, extra) = Math.DivRem(items.Count, count);
        var slices = new List<Value>();
        var offset = 0;
        for (var i = 0; i < count; i++)
        {
            var start = offset + (i * perSlice);
            offset += i < extra ? 1 : 0;
            var end = offset + ((i + 1) * perSlice);
            var slice = items.Skip(start).Take(end - start).ToList();
            if (fill is not null and not NoneValue && i >= extra)
                slice.Add(fill);

            slices.Add(new ListValue(slice, isTuple: false));
        }

        return new GeneratorValue(slices);
    }
}
