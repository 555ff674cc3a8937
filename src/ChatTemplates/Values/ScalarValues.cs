using System.Numerics;

namespace ModelRunner.ChatTemplates.Values;

internal sealed class NoneValue : Value
{
    public static readonly NoneValue Instance = new();

    internal override string TypeName => "NoneType";

    internal override bool IsTrue => false;
}

/// <summary>What a name or attribute that does not exist gives: empty when printed, an error when used.</summary>
internal sealed class UndefinedValue(string reason) : Value
{
    public string Reason => reason;

    internal override string TypeName => "Undefined";

    internal override bool IsTrue => false;

    internal override int Length => 0;

    public static UndefinedValue Name(string name) => new($"'{name}' is undefined");

    public static UndefinedValue Attribute(Value owner, string name) =>
        new($"{Describe(owner)} has no attribute '{name}'");

    public static UndefinedValue Element(Value owner, Value key) =>
        new($"{Describe(owner)} has no element {Printing.PythonText.Repr(key)}");

    public TemplateException Used() => TemplateException.Runtime(reason);

    private static string Describe(Value owner) =>
        owner is NoneValue or UndefinedValue ? Printing.PythonText.Repr(owner) : $"'{owner.TypeName} object'";
}

internal sealed class BooleanValue : Value
{
    public static readonly BooleanValue True = new(true);
    public static readonly BooleanValue False = new(false);

    private BooleanValue(bool flag) => Flag = flag;

    public bool Flag { get; }

    internal override string TypeName => "bool";

    internal override bool IsTrue => Flag;
}

/// <summary>A whole number of any size; small ones are shared.</summary>
internal sealed class IntegerValue : Value
{
    private static readonly IntegerValue[] Small = [.. Enumerable.Range(-16, 1024).Select(i => new IntegerValue(i))];

    private IntegerValue(BigInteger number) => Number = number;

    public BigInteger Number { get; }

    internal override string TypeName => "int";

    internal override bool IsTrue => !Number.IsZero;

    public static IntegerValue Of(BigInteger number) =>
        number >= -16 && number < 1008 ? Small[(int)number + 16] : new IntegerValue(number);

    public static IntegerValue Of(long number) =>
        number is >= -16 and < 1008 ? Small[number + 16] : new IntegerValue(number);
}

/// <summary>A binary64 number. One that came with the request prints as it was written.</summary>
internal sealed class FloatValue(double number, string? text = null) : Value
{
    public double Number => number;

    public string? Text => text;

    internal override string TypeName => "float";

    internal override bool IsTrue => number != 0;
}
