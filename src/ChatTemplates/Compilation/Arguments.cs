using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Compilation;

/// <summary>The arguments of one call.</summary>
internal sealed class Arguments(Rendering rendering, Value[] positional, KeyValuePair<string, Value>[] named)
{
    public Rendering Rendering => rendering;

    public Value[] Positional => positional;

    public KeyValuePair<string, Value>[] Named => named;

    public static Arguments None(Rendering rendering) => new(rendering, [], []);

    /// <summary>Refuses calls that a function with these parameters would refuse.</summary>
    public Arguments Expect(int required, params ReadOnlySpan<string> parameters)
    {
        if (positional.Length > parameters.Length)
            throw TemplateException.Runtime($"A call takes at most {parameters.Length} arguments, and got {positional.Length}.");

        foreach (var (name, _) in named)
        {
            var at = parameters.IndexOf(name);
            if (at < 0)
                throw TemplateException.Runtime($"A call got an unexpected keyword argument '{name}'.");

            if (at < positional.Length)
                throw TemplateException.Runtime($"A call got two values for the argument '{name}'.");
        }

        for (var i = positional.Length; i < required; i++)
            if (Find(parameters[i]) is null)
                throw TemplateException.Runtime($"A call misses the argument '{parameters[i]}'.");

        return this;
    }

    public Value? Get(int index, string name) => index < positional.Length ? positional[index] : Find(name);

    public Value Get(int index, string name, Value fallback) => Get(index, name) ?? fallback;

    public bool GetFlag(int index, string name, bool fallback) => Get(index, name)?.IsTrue ?? fallback;

    public TextValue? GetText(int index, string name) => Get(index, name) switch
    {
        null => null,
        TextValue text => text,
        UndefinedValue undefined => throw undefined.Used(),
        var other => throw TemplateException.Runtime($"The argument '{name}' must be str, not {other.TypeName}."),
    };

    /// <summary>An int that fits; None counts as not given.</summary>
    public int GetInteger(int index, string name, int fallback) => Get(index, name) switch
    {
        null or NoneValue => fallback,
        var value => Arithmetic.ToIndex(value, name),
    };

    private Value? Find(string name)
    {
        foreach (var (key, value) in named)
            if (key == name)
                return value;

        return null;
    }
}
