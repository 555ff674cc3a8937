using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>A method of a Python type.</summary>
internal delegate Value Method(Value self, Arguments arguments);

/// <summary>The methods that values have.</summary>
internal static class Methods
{
    public static Method? Find(Value owner, string name) => owner switch
    {
        TextValue => TextMethods.Find(name),
        DictionaryValue => DictionaryMethods.Find(name),
        ListValue { IsTuple: false } => ListMethods.Find(name),
        ListValue => ListMethods.FindForTuple(name),
        _ => null,
    };
}
