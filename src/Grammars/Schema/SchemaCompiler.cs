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
        int[] key = [.. literals];
        Array.Sort(key);
        var count = 0;
        var isContradiction = false;
        foreach (var literal in key)
        {
            if (literal == True || (count > 0 && literal == key[count - 1]))
                continue;

            // A literal and its negation are neighbours.
            isContradiction |= literal == False || (count > 0 && literal == (key[count - 1] ^ 1));
            key[count++] = literal;
        }

        key = isContradiction ? [False] : key[..count];
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

    /// <summary>The scalars of a conjunction, less those that were used in whatever spelling: numbers have no exponent here.</summary>
    public Rx GetUniqueScalars(Conjunction conjunction, SchemaNode node, IEnumerable<string> used)
    {
        var scalars = JoinScalars(
            conjunction,
            node,
            Scalars.GetUniqueNumbers(GetScalar(conjunction, JsonType.Number)),
            GetScalar(conjunction, JsonType.String) ?? Scalars.Text.AnyText);
        var taken = used.Select(text => text[0] == '"'
            ? Syntax.String(Scalars.Text.EncodeAll(CapturedJson.ReadString(text)))
            : Scalars.GetUsed(text));
        return Rx.And(scalars, Rx.Not(Rx.Or([.. taken])));
    }

    /// <summary>The same scalars, each in one spelling, so that they can be counted: but for strings without number.</summary>
    public Rx GetScalarValues(Conjunction conjunction, SchemaNode node)
    {
        var texts = GetScalar(conjunction, JsonType.String) ?? Scalars.Text.AnyText;
        return JoinScalars(
            conjunction,
            node,
            Scalars.Numbers.OneSpelling(GetScalar(conjunction, JsonType.Number)),
            Rx.IsEndless(texts) ? texts : Rx.And(texts, Scalars.Text.CanonicalText));
    }

    /// <summary>Whether a conjunction has strings without number, as far as their language's form says.</summary>
    public bool HasEndlessStrings(Conjunction conjunction) =>
        Rx.IsEndless(GetScalar(conjunction, JsonType.String) ?? Scalars.Text.AnyText);

    private Rx JoinScalars(Conjunction conjunction, SchemaNode node, Rx numbers, Rx texts)
    {
        if (GetObjectKernels(conjunction).Count > 0 || GetArrayKernels(conjunction).Count > 0)
            throw node.Refuse("uniqueItems", "is supported for items that are strings, numbers, booleans or null");

        var languages = new List<Rx> { numbers, Syntax.String(texts) };
        foreach (var (type, terminal) in ((JsonType, Terminal)[])[(JsonType.Null, Syntax.Null), (JsonType.True, Syntax.True), (JsonType.False, Syntax.False)])
            if (GetScalar(conjunction, type) is not { IsNothing: true })
                languages.Add(terminal.Expression);

        return Rx.Or([.. languages]);
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
}
