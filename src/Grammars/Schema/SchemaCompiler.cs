using System.Numerics;
using System.Text.Json;
using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Schema;

/// <summary>
/// JSON Schema to a grammar. The nonterminals are conjunctions of subschemas; each is split by the type of the value,
/// scalars become regular languages, objects and arrays become kernels, one for each alternative of their facts.
/// </summary>
internal sealed partial class SchemaCompiler
{
    private static readonly JsonElement TrueElement = JsonDocument.Parse("true").RootElement;
    private static readonly JsonElement FalseElement = JsonDocument.Parse("false").RootElement;

    private readonly Dictionary<int[], Conjunction> _conjunctions = new(new ContentComparer<int>());
    private readonly Dictionary<string, Terminal> _keys = [];
    private readonly HashSet<Conjunction> _open = [];
    private bool _touchedOpen;

    private SchemaCompiler(JsonElement schema, Grammar grammar, SchemaOptions options)
    {
        Document = new SchemaDocument(schema);
        Grammar = grammar;
        Options = options;
        Scalars = new ScalarLanguage(Document, grammar.Rx, options);
        Syntax = new JsonSyntax(grammar, options);
        True = Document.Synthesize(TrueElement).Id * 2;
        False = Document.Synthesize(FalseElement).Id * 2;
    }

    public SchemaDocument Document { get; }

    public Grammar Grammar { get; }

    public RxBuilder Rx => Grammar.Rx;

    public GrammarLimits Limits => Grammar.Limits;

    public SchemaOptions Options { get; }

    public ScalarLanguage Scalars { get; }

    public JsonSyntax Syntax { get; }

    /// <summary>The literal of the schema that allows everything.</summary>
    public int True { get; }

    /// <summary>The literal of the schema that allows nothing.</summary>
    public int False { get; }

    /// <exception cref="SchemaException">It cannot be honoured.</exception>
    /// <exception cref="GrammarLimitException">It costs too much.</exception>
    public static Grammar Compile(JsonElement schema, GrammarLimits limits, SchemaOptions options)
    {
        var grammar = new Grammar(limits);
        grammar.Root = AddTo(grammar, schema, options);
        return grammar;
    }

    /// <summary>The nonterminal of a schema's values in a grammar that has more than them.</summary>
    /// <inheritdoc cref="Compile"/>
    public static Nonterminal AddTo(Grammar grammar, JsonElement schema, SchemaOptions options)
    {
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
            throw new SchemaException("$schema", "", "must stand in a schema, which is an object or a boolean");

        var compiler = new SchemaCompiler(schema, grammar, options);
        var root = compiler.GetConjunction([compiler.Document.Root.Id * 2]);
        if (!compiler.IsSatisfiable(root))
            throw new SchemaException(
                schema.ValueKind == JsonValueKind.Object && schema.EnumerateObject().FirstOrDefault().Name is { } first ? first : "false",
                "",
                "stands in a schema that no value satisfies");

        compiler.CheckAll(root);
        return root;
    }

    /// <summary>The nonterminal of values that satisfy all the literals.</summary>
    public Conjunction GetConjunction(IEnumerable<int> literals)
    {
        var set = new SortedSet<int>(literals.Where(literal => literal != True));
        if (set.Contains(False) || set.Any(literal => set.Contains(literal ^ 1)))
            set = [False];

        int[] key = [.. set];
        if (!_conjunctions.TryGetValue(key, out var conjunction))
        {
            if (_conjunctions.Count >= Limits.Conjunctions)
                throw new GrammarLimitException("its subschemas combine in too many ways");

            _conjunctions.Add(key, conjunction = Grammar.Register(new Conjunction(this, key)));
        }

        return conjunction;
    }

    public Conjunction Add(Conjunction conjunction, int literal) => GetConjunction([.. conjunction.Literals, literal]);

    /// <summary>The terminal of a property's name with its colon.</summary>
    public Terminal GetKey(string name)
    {
        if (!_keys.TryGetValue(name, out var terminal))
        {
            var text = Options.AnyEscapes ? Scalars.Text.EncodeAll(name) : Scalars.Text.EncodeCanonical(name);
            terminal = Grammar.GetTerminal(Rx.Concat(Syntax.String(text), Syntax.Colon));
            _keys.Add(name, terminal);
        }

        return terminal;
    }

    /// <summary>The alternatives of a value.</summary>
    public Body?[] ExpandValue(Conjunction conjunction)
    {
        var alternatives = new List<Body?>();
        foreach (var (type, terminal) in ((JsonType, Terminal)[])[(JsonType.Null, Syntax.Null), (JsonType.True, Syntax.True), (JsonType.False, Syntax.False)])
            if (GetScalar(conjunction, type) is not { IsNothing: true })
                alternatives.Add(Grammar.Sequence(terminal));

        var number = GetScalar(conjunction, JsonType.Number);
        if (number is null || !Rx.IsEmpty(number))
            alternatives.Add(Grammar.Sequence(Grammar.GetTerminal(number ?? Scalars.Numbers.Any)));

        var text = GetScalar(conjunction, JsonType.String);
        if (text is null || !Rx.IsEmpty(text))
            alternatives.Add(Grammar.Sequence(Grammar.GetTerminal(Syntax.String(text ?? Scalars.Text.AnyText))));

        foreach (var kernel in GetObjectKernels(conjunction))
            kernel.AddAlternatives(alternatives);
        foreach (var kernel in GetArrayKernels(conjunction))
            kernel.AddAlternatives(alternatives);

        return [.. alternatives.Distinct()];
    }

    /// <summary>The scalars of a conjunction with no spelling but one, less those that were used.</summary>
    public Rx GetUniqueScalars(Conjunction conjunction, SchemaNode node, IEnumerable<string> used)
    {
        if (GetObjectKernels(conjunction).Count > 0 || GetArrayKernels(conjunction).Count > 0)
            throw node.Refuse("uniqueItems", "is supported for items that are strings, numbers, booleans or null");

        var languages = new List<Rx>();
        foreach (var (type, terminal) in ((JsonType, Terminal)[])[(JsonType.Null, Syntax.Null), (JsonType.True, Syntax.True), (JsonType.False, Syntax.False)])
            if (GetScalar(conjunction, type) is not { IsNothing: true })
                languages.Add(terminal.Expression);

        languages.Add(Scalars.Numbers.OneSpelling(GetScalar(conjunction, JsonType.Number)));
        languages.Add(Syntax.String(GetScalar(conjunction, JsonType.String) ?? Scalars.Text.AnyText));
        var taken = used.Select(text => text[0] == '"'
            ? Syntax.String(Scalars.Text.EncodeAll(CapturedJson.ReadString(text)))
            : Rx.Literal(System.Text.Encoding.ASCII.GetBytes(text)));
        return Rx.And(Rx.Or([.. languages]), Rx.Not(Rx.Or([.. taken])));
    }

    /// <summary>The language of a scalar type; null for everything.</summary>
    private Rx? GetScalar(Conjunction conjunction, JsonType type)
    {
        Rx? result = null;
        foreach (var literal in conjunction.Literals)
        {
            var node = Document[literal >> 1];
            result = Scalars.And(result, (literal & 1) == 0 ? Scalars.Get(node, type, false) : Scalars.GetComplement(node, type));
        }

        return result;
    }

    private List<Facts> GetFacts(Conjunction conjunction, JsonType type) => type == JsonType.Object
        ? conjunction.ObjectFacts ??= new FactExpander(this, type).Run(conjunction.Literals)
        : conjunction.ArrayFacts ??= new FactExpander(this, type).Run(conjunction.Literals);

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
