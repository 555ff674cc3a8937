using System.Numerics;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Schema;

// The kernels of objects and arrays.
internal sealed partial class SchemaCompiler
{
    private List<ObjectKernel> GetObjectKernels(Conjunction conjunction) =>
        conjunction.ObjectKernels ??= [.. GetFacts(conjunction, JsonType.Object).Select(MakeObjectKernel).OfType<ObjectKernel>()];

    private List<ArrayKernel> GetArrayKernels(Conjunction conjunction) =>
        conjunction.ArrayKernels ??= [.. GetFacts(conjunction, JsonType.Array).Select(MakeArrayKernel).OfType<ArrayKernel>()];

    private ArrayKernel? MakeArrayKernel(Facts facts)
    {
        var kernel = new ArrayKernel(this, facts);
        if (!kernel.CanFinish(kernel.Start))
            return null;
        if (facts.Unique is { } unique && facts.Max > 1 && facts.Min > 0 && !kernel.HasDistinct(facts.Min))
            return null;

        return kernel;
    }

    private ObjectKernel? MakeObjectKernel(Facts facts)
    {
        var names = NamesOf(facts);
        var guard = GuardOf(facts, names);
        var bits = new Dictionary<string, int>();
        var guarded = new HashSet<string>();
        guard?.AddNames(guarded);
        var properties = new List<KernelProperty>();
        foreach (var name in names)
        {
            var isRequired = facts.Required.Contains(name);
            var value = facts.Forbidden.Contains(name) || !IsNameAllowed(facts, name) ? null : ValueOf(facts, name);
            if (value is null || !IsSatisfiable(value))
            {
                if (isRequired)
                    return null;
                continue;
            }

            var bit = Options.AnyPropertyOrder || guarded.Contains(name) ? bits.Count : -1;
            if (bit >= 0)
                bits.Add(name, bit);
            properties.Add(new KernelProperty(name, value, isRequired, bit));
        }

        for (var i = 0; i < facts.Strangers.Count; i++)
            bits.Add(StrangerName(i), bits.Count);

        var kernel = new ObjectKernel(this, [.. properties], [.. ExtrasOf(facts, names, bits)], facts.Min, facts.Max, guard, bits);
        return kernel.CanFinish(ObjectKernel.Start) ? kernel : null;
    }

    /// <summary>All names that the facts speak of, in the order in which they came.</summary>
    private static List<string> NamesOf(Facts facts)
    {
        var seen = new HashSet<string>();
        var names = new List<string>();
        foreach (var group in facts.Objects.OrderBy(static group => group.Order, StringComparer.Ordinal))
            foreach (var (name, _) in group.Properties)
                AddName(name);
        foreach (var name in facts.Required.Order(StringComparer.Ordinal))
            AddName(name);
        foreach (var guard in facts.Guards)
        {
            var guarded = new SortedSet<string>(StringComparer.Ordinal);
            guard.AddNames(guarded);
            foreach (var name in guarded)
                AddName(name);
        }

        foreach (var group in facts.Strangers)
            foreach (var (name, _) in group.Properties)
                AddName(name);
        foreach (var name in facts.Forbidden)
            AddName(name);

        return names;

        void AddName(string name)
        {
            if (seen.Add(name))
                names.Add(name);
        }
    }

    private Presence.All? GuardOf(Facts facts, List<string> names)
    {
        var guards = new List<Presence>(facts.Guards);
        for (var i = 0; i < facts.Strangers.Count; i++)
        {
            var group = facts.Strangers[i];
            guards.Add(new Presence.Any(
            [
                new Presence.Has(StrangerName(i)),
                .. names.Where(name => group.Find(name) < 0 && !group.Patterns.Any(pattern => Matches(pattern.Names, name)))
                    .Select(static name => new Presence.Has(name)),
            ]));
        }

        return guards.Count == 0 ? null : new Presence.All(guards);
    }

    private bool IsNameAllowed(Facts facts, string name) => facts.PropertyNames.TrueForAll(literal =>
    {
        var language = (literal & 1) == 0
            ? Scalars.Get(Document[literal >> 1], JsonType.String, false)
            : Scalars.GetComplement(Document[literal >> 1], JsonType.String);
        return language is null || Matches(language, name);
    });

    private bool Matches(Rx language, string name) => Rx.And(Scalars.Text.EncodeCanonical(name), language) is { IsNothing: false };

    private Conjunction ValueOf(Facts facts, string name)
    {
        var literals = new List<int>();
        foreach (var group in facts.Objects)
        {
            var literal = group.Find(name);
            var isKnown = literal >= 0;
            if (isKnown)
                literals.Add(literal);
            foreach (var (pattern, value) in group.Patterns)
            {
                if (!Matches(pattern, name))
                    continue;
                isKnown = true;
                literals.Add(value);
            }

            if (!isKnown && group.Additional >= 0)
                literals.Add(group.Additional);
        }

        return GetConjunction(literals);
    }

    /// <summary>The classes of names without a property of their own: each with one set of literals for its values.</summary>
    private List<KernelExtra> ExtrasOf(Facts facts, List<string> names, Dictionary<string, int> bits)
    {
        var atoms = new List<(Rx Names, List<int> Literals, BigInteger Bits)> { (Scalars.Text.AnyText, [], BigInteger.Zero) };
        foreach (var literal in facts.PropertyNames)
        {
            var language = (literal & 1) == 0
                ? Scalars.Get(Document[literal >> 1], JsonType.String, false)
                : Scalars.GetComplement(Document[literal >> 1], JsonType.String);
            if (language is not null)
                atoms[0] = (Rx.And(atoms[0].Names, language), atoms[0].Literals, atoms[0].Bits);
        }

        foreach (var group in facts.Objects)
            atoms = Split(atoms, group.Patterns, group.Additional, BigInteger.Zero);
        for (var i = 0; i < facts.Strangers.Count; i++)
            atoms = Split(atoms, facts.Strangers[i].Patterns.Select(pattern => (pattern.Names, True)), -1, BigInteger.One << bits[StrangerName(i)]);

        var extras = new List<KernelExtra>();
        var others = new Lazy<Rx>(() => names.Count == 0 ? Rx.Everything : Rx.Not(Rx.Or([.. names.Select(Scalars.Text.EncodeAll)])));
        foreach (var (atom, literals, flags) in atoms)
        {
            if (literals.Contains(False))
                continue;

            var value = GetConjunction(literals);
            if (value.Literals is [var single] && single == False)
                continue;

            // Of all texts, some are always left.
            var free = new Lazy<Rx>(() => Rx.And(atom, others.Value));
            if ((atom == Scalars.Text.AnyText || !Rx.IsEmpty(free.Value)) && IsSatisfiable(value))
                extras.Add(new KernelExtra(free, value, flags));
        }

        return extras;
    }

    private List<(Rx Names, List<int> Literals, BigInteger Bits)> Split(
        List<(Rx Names, List<int> Literals, BigInteger Bits)> atoms,
        IEnumerable<(Rx Names, int Literal)> patterns,
        int additional,
        BigInteger stranger)
    {
        var parts = atoms.ConvertAll(static atom => (atom.Names, atom.Literals, atom.Bits, IsKnown: false));
        foreach (var (pattern, literal) in patterns)
        {
            var next = new List<(Rx, List<int>, BigInteger, bool)>();
            foreach (var (names, literals, bits, isKnown) in parts)
            {
                var inside = Rx.And(names, pattern);
                if (!Rx.IsEmpty(inside))
                    next.Add((inside, [.. literals, literal], bits, true));

                var outside = Rx.And(names, Rx.Not(pattern));
                if (!Rx.IsEmpty(outside))
                    next.Add((outside, literals, bits, isKnown));
            }

            if (next.Count > Limits.Alternatives)
                throw new GrammarLimitException("its patternProperties overlap in too many ways");
            parts = next;
        }

        return parts.ConvertAll(part => part.IsKnown
            ? (part.Names, part.Literals, part.Bits)
            : (part.Names, additional < 0 ? part.Literals : [.. part.Literals, additional], part.Bits | stranger));
    }

    // No property's name has a lone zero in front: it stands for "a name outside of group i".
    private static string StrangerName(int index) => "\0stranger" + SchemaDocument.Number(index);
}
