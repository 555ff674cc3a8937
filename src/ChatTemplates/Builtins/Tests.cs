using System.Collections.Frozen;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>What stands after <c>is</c>.</summary>
internal static class Tests
{
    private static readonly FrozenDictionary<string, Func<Value, Arguments, bool>> Table = Build().ToFrozenDictionary();

    public static bool TryFind(string name, out Func<Value, Arguments, bool> test)
    {
        test = Table.GetValueOrDefault(name)!;
        return test is not null;
    }

    private static Dictionary<string, Func<Value, Arguments, bool>> Build()
    {
        var tests = new Dictionary<string, Func<Value, Arguments, bool>>
        {
            ["defined"] = Plain(static value => value is not UndefinedValue),
            ["undefined"] = Plain(static value => value is UndefinedValue),
            ["none"] = Plain(static value => value is NoneValue),
            ["boolean"] = Plain(static value => value is BooleanValue),
            ["true"] = Plain(static value => value is BooleanValue { Flag: true }),
            ["false"] = Plain(static value => value is BooleanValue { Flag: false }),
            ["integer"] = Plain(static value => value is IntegerValue),
            ["float"] = Plain(static value => value is FloatValue),
            ["number"] = Plain(static value => value is IntegerValue or FloatValue or BooleanValue),
            ["string"] = Plain(static value => value is TextValue),
            ["mapping"] = Plain(static value => value is DictionaryValue),
            ["sequence"] = Plain(static value => value is TextValue or ListValue or DictionaryValue or RangeValue or GroupValue or UndefinedValue),
            ["iterable"] = Plain(static value => value is TextValue or ListValue or DictionaryValue or RangeValue or ViewValue or GeneratorValue or GroupValue or UndefinedValue or LoopValue),
            ["callable"] = Plain(static value => value is FunctionValue or MacroValue or JoinerValue or LoopValue or UndefinedValue),
            ["escaped"] = Plain(static value => value is TextValue { IsSafe: true }),
            ["lower"] = Plain(static value => TextCase.IsLower(PythonText.ToText(value).Text)),
            ["upper"] = Plain(static value => TextCase.IsUpper(PythonText.ToText(value).Text)),
            ["odd"] = static (value, arguments) => IsDivisible(value, Value.From(2), 1, arguments.Expect(0).Rendering),
            ["even"] = static (value, arguments) => IsDivisible(value, Value.From(2), 0, arguments.Expect(0).Rendering),
            ["divisibleby"] = static (value, arguments) => IsDivisible(value, arguments.Expect(1, "num").Get(0, "num")!, 0, arguments.Rendering),
            ["sameas"] = static (value, arguments) => IsSame(value, arguments.Expect(1, "other").Get(0, "other")!),
            ["in"] = static (value, arguments) => Operations.Contains(arguments.Expect(1, "seq").Get(0, "seq")!, value, arguments.Rendering),
            ["filter"] = static (value, arguments) => value is TextValue name && Filters.TryFind(name.Text, out _),
            ["test"] = static (value, arguments) => value is TextValue name && TryFind(name.Text, out _),
        };
        foreach (var (sign, names) in new Dictionary<string, string[]>
        {
            ["=="] = ["==", "eq", "equalto"],
            ["!="] = ["!=", "ne"],
            ["<"] = ["<", "lt", "lessthan"],
            ["<="] = ["<=", "le"],
            [">"] = [">", "gt", "greaterthan"],
            [">="] = [">=", "ge"],
        })
        {
            foreach (var name in names)
                tests[name] = (value, arguments) => Compiler.Holds(value, sign, arguments.Expect(1, "other").Get(0, "other")!, arguments.Rendering);
        }

        return tests;
    }

    private static Func<Value, Arguments, bool> Plain(Func<Value, bool> test) => (value, arguments) =>
    {
        arguments.Expect(0);
        return test(value);
    };

    // A text is formatted with the divisor, as by its operator.
    private static bool IsDivisible(Value value, Value divisor, long remainder, Rendering rendering) =>
        Operations.AreEqual(Arithmetic.Modulo(value, divisor, rendering), Value.From(remainder));

    // Small whole numbers and texts of one character are one object in CPython.
    private static bool IsSame(Value value, Value other) => (value, other) switch
    {
        (IntegerValue a, IntegerValue b) => a.Number == b.Number,
        (TextValue a, TextValue b) => a.Text == b.Text,
        (NoneValue, NoneValue) => true,
        _ => ReferenceEquals(value, other),
    };
}
