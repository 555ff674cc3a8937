using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>The functions that every template has.</summary>
internal static class Globals
{
    // The sandbox of the reference allows ranges up to this length.
    private const int MaxRange = 100_000;

    public static readonly IReadOnlyDictionary<string, Value> All = new Dictionary<string, Value>
    {
        ["range"] = new FunctionValue("range", Range),
        ["dict"] = new FunctionValue("dict", static arguments =>
        {
            var dictionary = new DictionaryValue();
            Fill(dictionary, arguments);
            return dictionary;
        }),
        ["namespace"] = new FunctionValue("namespace", static arguments =>
        {
            var space = new NamespaceValue();
            Fill(space.Attributes, arguments);
            return space;
        }),
        ["cycler"] = new FunctionValue("cycler", static arguments => arguments.Positional.Length > 0
            ? new CyclerValue(arguments.Positional)
            : throw TemplateException.Runtime("at least one item has to be provided")),
        ["joiner"] = new FunctionValue("joiner", static arguments => new JoinerValue(arguments.Expect(0, "sep").Get(0, "sep", new TextValue(", ")))),
        ["raise_exception"] = new FunctionValue("raise_exception", static arguments => throw new TemplateException(
            TemplateFailure.Refused,
            PythonText.ToText(arguments.Expect(1, "message").Get(0, "message")!).Text)),
        ["strftime_now"] = new FunctionValue("strftime_now", static arguments =>
            new TextValue(TimeText.Format(arguments.Expect(1, "format").GetText(0, "format")!.Text, arguments.Rendering.Now))),
    };

    /// <summary>Keys and values of a dictionary or of a sequence of pairs.</summary>
    public static IEnumerable<KeyValuePair<Value, Value>> Pairs(Value source, Rendering rendering)
    {
        if (source is DictionaryValue dictionary)
        {
            rendering.ChargeItems(dictionary.Length);
            return [.. dictionary.Entries];
        }

        var pairs = new List<KeyValuePair<Value, Value>>();
        foreach (var item in Operations.Iterate(source, rendering))
        {
            var pair = Operations.Iterate(item, rendering);
            if (pair.Count != 2)
                throw TemplateException.Runtime("dictionary update sequence needs pairs");

            Operations.RequireHashable(pair[0]);
            pairs.Add(new(pair[0], pair[1]));
        }

        return pairs;
    }

    private static void Fill(DictionaryValue dictionary, Arguments arguments)
    {
        if (arguments.Positional.Length > 1)
            throw TemplateException.Runtime($"dict expected at most 1 argument, got {arguments.Positional.Length}");

        foreach (var source in arguments.Positional)
            foreach (var (key, value) in Pairs(source, arguments.Rendering))
                dictionary.Set(key, value);

        foreach (var (name, value) in arguments.Named)
            dictionary.Set(name, value);
    }

    private static RangeValue Range(Arguments arguments)
    {
        arguments.Expect(1, "start", "stop", "step");
        var bounds = Array.ConvertAll(arguments.Positional, bound => (long)Arithmetic.ToIndex(bound, "range"));
        var range = bounds.Length switch
        {
            0 => throw TemplateException.Runtime("range expected at least 1 argument, got 0"),
            1 => new RangeValue(0, bounds[0], 1),
            2 => new RangeValue(bounds[0], bounds[1], 1),
            _ => bounds[2] == 0 ? throw TemplateException.Runtime("range() arg 3 must not be zero") : new RangeValue(bounds[0], bounds[1], bounds[2]),
        };
        return range.Length <= MaxRange
            ? range
            : throw TemplateException.Limit($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({MaxRange}).");
    }
}
