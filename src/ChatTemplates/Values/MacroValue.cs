using ModelRunner.ChatTemplates.Compilation;

namespace ModelRunner.ChatTemplates.Values;

/// <summary>What a macro takes; a slot is -1 where its body does not read that name.</summary>
internal sealed record MacroSignature(string Name, string[] Parameters, int CallerSlot, int NamedSlot, int PositionalSlot);

/// <summary>A macro, or the body of a call block.</summary>
internal sealed class MacroValue(MacroSignature signature, Func<Value?[], Value?, Value?, Value?, TextValue> body) : Value
{
    internal override string TypeName => "Macro";

    public Value? GetAttribute(string name) => name switch
    {
        "name" => new TextValue(signature.Name),
        "arguments" => ListValue.Tuple([.. signature.Parameters.Select(parameter => new TextValue(parameter))]),
        "catch_kwargs" => From(signature.NamedSlot >= 0),
        "catch_varargs" => From(signature.PositionalSlot >= 0),
        "caller" => From(signature.CallerSlot >= 0 || signature.Parameters.Contains("caller")),
        _ => null,
    };

    public TextValue Invoke(Arguments arguments)
    {
        var values = new Value?[signature.Parameters.Length];
        for (var i = 0; i < values.Length && i < arguments.Positional.Length; i++)
            values[i] = arguments.Positional[i];

        Value? caller = null;
        var named = new DictionaryValue();
        foreach (var (name, value) in arguments.Named)
        {
            var at = Array.IndexOf(signature.Parameters, name);
            if (at >= 0 && at >= arguments.Positional.Length && values[at] is null)
                values[at] = value;
            else if (name == "caller" && signature.CallerSlot >= 0)
                caller = value;
            else if (signature.NamedSlot >= 0 && at < 0)
                named.Set(name, value);
            else
                throw TemplateException.Runtime($"macro '{signature.Name}' takes no keyword argument '{name}'");
        }

        if (signature.PositionalSlot < 0 && arguments.Positional.Length > values.Length)
            throw TemplateException.Runtime($"macro '{signature.Name}' takes not more than {values.Length} argument(s)");

        return body(
            values,
            signature.CallerSlot < 0 ? null : caller ?? new UndefinedValue("No caller defined"),
            signature.NamedSlot < 0 ? null : named,
            signature.PositionalSlot < 0 ? null : ListValue.Tuple([.. arguments.Positional.Skip(values.Length)]));
    }
}
