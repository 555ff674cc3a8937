using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Schema;

/// <summary>
/// One alternative of what a combination of subschemas asks of an object or an array: what is left when references,
/// branches and negations are resolved. A subschema is meant by its literal: twice its number, plus one for its negation.
/// </summary>
internal sealed class Facts
{
    public List<ObjectGroup> Objects { get; private init; } = [];

    public HashSet<string> Required { get; private init; } = [];

    public HashSet<string> Forbidden { get; private init; } = [];

    /// <summary>Formulas over the names that are there.</summary>
    public List<Presence> Guards { get; private init; } = [];

    /// <summary>Literals that every property's name must satisfy, as a string.</summary>
    public List<int> PropertyNames { get; private init; } = [];

    /// <summary>Each asks for a property that a group of the negated schema does not know.</summary>
    public List<ObjectGroup> Strangers { get; private init; } = [];

    public List<ArrayGroup> Arrays { get; private init; } = [];

    public List<ContainsFact> Contains { get; private init; } = [];

    /// <summary>Properties or items at least.</summary>
    public int Min { get; set; }

    /// <summary>Properties or items at most.</summary>
    public int Max { get; set; } = int.MaxValue;

    /// <summary>The schema that asks for distinct items.</summary>
    public SchemaNode? Unique { get; set; }

    /// <summary>Whether no object or array can satisfy it, as far as the facts alone say.</summary>
    public bool IsContradiction => Min > Max || Required.Overlaps(Forbidden);

    public Facts Clone() => new()
    {
        Objects = [.. Objects],
        Required = [.. Required],
        Forbidden = [.. Forbidden],
        Guards = [.. Guards],
        PropertyNames = [.. PropertyNames],
        Strangers = [.. Strangers],
        Arrays = [.. Arrays],
        Contains = [.. Contains],
        Min = Min,
        Max = Max,
        Unique = Unique,
    };

    public void AtLeast(int count) => Min = Math.Max(Min, count);

    public void AtMost(int count) => Max = Math.Min(Max, count);
}

/// <summary>The property keywords of one schema, which know one another.</summary>
/// <param name="Properties">Literals by name, in the schema's order.</param>
/// <param name="Patterns">Names' languages and the literals of their values.</param>
/// <param name="Additional">The literal for all other names; -1 when there is none.</param>
internal sealed record ObjectGroup(
    IReadOnlyList<(string Name, int Literal)> Properties,
    IReadOnlyList<(Rx Names, int Literal)> Patterns,
    int Additional)
{
    private Dictionary<string, int>? _byName;

    /// <summary>Where it stands in the schema's text: compares as the places do.</summary>
    public string Order { get; init; } = "";

    /// <summary>Whether it counts for <c>unevaluatedProperties</c>: not what a negation, a constant or an enum says.</summary>
    public bool IsSeen { get; init; }

    /// <summary>The literal of a named property, or -1.</summary>
    public int Find(string name)
    {
        if (_byName is null)
        {
            _byName = [];
            foreach (var (known, literal) in Properties)
                _byName[known] = literal;
        }

        return _byName.GetValueOrDefault(name, -1);
    }
}

/// <summary>The item keywords of one schema.</summary>
/// <param name="Prefix">Literals of the first items.</param>
/// <param name="Rest">The literal of all behind them; -1 when there is none.</param>
internal sealed record ArrayGroup(IReadOnlyList<int> Prefix, int Rest)
{
    /// <summary>Whether it counts for <c>unevaluatedItems</c>: not what a negation, a constant or an enum says.</summary>
    public bool IsSeen { get; init; }

    public int this[int index] => index < Prefix.Count ? Prefix[index] : Rest;
}

/// <summary>A number of items that must satisfy a schema.</summary>
/// <param name="Literal">The schema.</param>
/// <param name="Min">At least so many.</param>
/// <param name="Max">At most so many.</param>
/// <param name="From">The first index that counts.</param>
internal sealed record ContainsFact(int Literal, int Min, int Max, int From);
