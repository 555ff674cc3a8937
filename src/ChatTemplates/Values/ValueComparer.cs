using System.Diagnostics.CodeAnalysis;

namespace ModelRunner.ChatTemplates.Values;

/// <summary>Python's equality and a hash that agrees with it: 1, 1.0 and True are one key.</summary>
internal sealed class ValueComparer : IEqualityComparer<Value>
{
    public static readonly ValueComparer Instance = new();

    public bool Equals(Value? x, Value? y) => Operations.AreEqual(x!, y!);

    public int GetHashCode([DisallowNull] Value obj)
    {
        switch (obj)
        {
            case TextValue text:
                return string.GetHashCode(text.Text, StringComparison.Ordinal);
            case BooleanValue flag:
                return flag.Flag ? 1.0.GetHashCode() : 0.0.GetHashCode();
            case IntegerValue integer:
                return ((double)integer.Number).GetHashCode();
            case FloatValue real:
                return real.Number == 0 ? 0.0.GetHashCode() : real.Number.GetHashCode();
            case ListValue { IsTuple: true } tuple:
                var hash = default(HashCode);
                foreach (var item in tuple.Items)
                    hash.Add(GetHashCode(item));

                return hash.ToHashCode();
            case ListValue or DictionaryValue or NamespaceValue:
                throw TemplateException.Runtime($"unhashable type: '{obj.TypeName}'");
            case NoneValue or UndefinedValue:
                return 0;
            default:
                return System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj);
        }
    }
}
