using System.Numerics;
using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Schema;

/// <summary>A property with a name of its own.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">What its value must satisfy.</param>
/// <param name="IsRequired">Whether it must be there.</param>
/// <param name="Bit">The bit that remembers it, or -1.</param>
internal sealed record KernelProperty(string Name, Conjunction Value, bool IsRequired, int Bit);

/// <summary>A class of other names.</summary>
/// <param name="Names">The names: what may stand between the quotes. Made when a parser comes to them.</param>
/// <param name="Value">What their values must satisfy.</param>
/// <param name="Bits">The bits that remember it.</param>
internal sealed record KernelExtra(Lazy<Rx> Names, Conjunction Value, BigInteger Bits);

/// <summary>Where an object has come to.</summary>
/// <param name="Position">Properties before it can no longer come, when the order is the schema's.</param>
/// <param name="Count">Members so far, where they are counted.</param>
/// <param name="Seen">Bits of what was there.</param>
/// <param name="Used">Other names so far, where they must differ.</param>
internal readonly record struct ObjectState(int Position, int Count, BigInteger Seen, string Used);

/// <summary>The grammar of an object under one alternative of its facts.</summary>
internal sealed class ObjectKernel : StateKernel<ObjectState>
{
    private readonly KernelProperty[] _properties;
    private readonly KernelExtra[] _extras;
    private readonly int _min;
    private readonly int _max;
    private readonly bool _isOrdered;
    private readonly bool _namesDiffer;
    private readonly Presence? _guard;
    private readonly Dictionary<string, int> _bits;

    public ObjectKernel(
        SchemaCompiler compiler,
        KernelProperty[] properties,
        KernelExtra[] extras,
        int min,
        int max,
        Presence? guard,
        Dictionary<string, int> bits)
        : base(compiler)
    {
        _properties = properties;
        _extras = extras;
        _guard = guard;
        _bits = bits;
        _isOrdered = !compiler.Options.AnyPropertyOrder;
        var required = properties.Count(static property => property.IsRequired);
        _min = min <= required ? 0 : min;
        _max = extras.Length == 0 && max >= properties.Length ? int.MaxValue : max;
        _namesDiffer = _min > 0 && extras.Length > 0;
    }

    public static ObjectState Start { get; } = new(0, 0, BigInteger.Zero, "");

    public IEnumerable<Conjunction> Values =>
        _properties.Select(static property => property.Value).Concat(_extras.Select(static extra => extra.Value));

    private bool Counts => _min > 0 || _max < int.MaxValue;

    /// <summary>The alternatives of the whole object.</summary>
    public void AddAlternatives(List<Body?> alternatives)
    {
        var grammar = Compiler.Grammar;
        var syntax = Compiler.Syntax;
        if (CanClose(Start))
            alternatives.Add(grammar.Sequence(syntax.OpenObject, syntax.CloseEmptyObject));
        if (HasMoves(Start))
            alternatives.Add(grammar.Sequence(syntax.OpenObject, GetSymbol(false, Start)));
    }

    protected override Body?[] ExpandTail(ObjectState state)
    {
        var alternatives = new List<Body?>();
        if (CanClose(state))
            alternatives.Add(Compiler.Grammar.Sequence(Compiler.Syntax.CloseObject));
        if (HasMoves(state))
            alternatives.Add(Compiler.Grammar.Sequence(Compiler.Syntax.Comma, GetSymbol(false, state)));

        return [.. alternatives];
    }

    protected override Body?[] ExpandMembers(ObjectState state)
    {
        var alternatives = new List<Body?>();
        foreach (var (property, extra, next) in Moves(state))
        {
            if (!CanFinish(next))
                continue;
            if (property is not null)
                alternatives.Add(Compiler.Grammar.Sequence(Compiler.GetKey(property.Name), property.Value, GetSymbol(true, next)));
            else
                AddExtra(alternatives, extra!, state, next);
        }

        return [.. alternatives];
    }

    private void AddExtra(List<Body?> alternatives, KernelExtra extra, ObjectState state, ObjectState next)
    {
        var rx = Compiler.Rx;
        var names = extra.Names.Value;
        if (state.Used.Length > 0)
            names = rx.Except(names, rx.Or([.. state.Used.Split('\n').Select(name => Compiler.Scalars.Text.EncodeAll(CapturedJson.ReadString(name)))]));
        if (rx.IsEmpty(names))
            return;

        var expression = rx.Concat(Compiler.Syntax.String(names), Compiler.Syntax.Colon);
        var terminal = Compiler.Grammar.GetTerminal(expression, _namesDiffer);
        alternatives.Add(_namesDiffer
            ? Compiler.Grammar.Sequence(terminal, Compiler.Grammar.Register(new NamedMember(this, extra.Value, next)))
            : Compiler.Grammar.Sequence(terminal, extra.Value, GetSymbol(true, next)));
    }

    protected override IEnumerable<ObjectState> NextStates(ObjectState state) => Moves(state).Select(static move => move.Next);

    protected override bool CanClose(ObjectState state)
    {
        if (state.Count < _min)
            return false;

        for (var i = _isOrdered ? state.Position : 0; i < _properties.Length; i++)
            if (_properties[i].IsRequired && (_isOrdered || !Has(state, _properties[i].Bit)))
                return false;

        return _guard is null || _guard.Holds(name => _bits.TryGetValue(name, out var bit) && Has(state, bit));
    }

    private IEnumerable<(KernelProperty? Property, KernelExtra? Extra, ObjectState Next)> Moves(ObjectState state)
    {
        if (Counts && state.Count >= _max)
            yield break;

        var count = Counts ? Math.Min(state.Count + 1, _max < int.MaxValue ? _max : _min) : 0;
        for (var i = _isOrdered ? state.Position : 0; i < _properties.Length; i++)
        {
            var property = _properties[i];
            if (!_isOrdered && Has(state, property.Bit))
                continue;

            yield return (property, null, state with
            {
                Position = _isOrdered ? i + 1 : 0,
                Count = count,
                Seen = property.Bit < 0 ? state.Seen : state.Seen | (BigInteger.One << property.Bit),
            });
            if (_isOrdered && property.IsRequired)
                yield break;
        }

        foreach (var extra in _extras)
            yield return (null, extra, state with
            {
                Position = _isOrdered ? _properties.Length : 0,
                Count = count,
                Seen = state.Seen | extra.Bits,
            });
    }

    private static bool Has(ObjectState state, int bit) => bit >= 0 && !(state.Seen >> bit).IsEven;

    /// <summary>The value of a member whose name must not come again.</summary>
    private sealed class NamedMember(ObjectKernel kernel, Conjunction value, ObjectState next) : CapturedNonterminal
    {
        private readonly Dictionary<string, Nonterminal> _known = [];

        public override Nonterminal With(string text)
        {
            if (_known.TryGetValue(text, out var known))
                return known;

            // As it was written: without line ends, which part the names. Its colon stands behind the last quote.
            var name = text[..(text.LastIndexOf('"') + 1)];
            var used = next.Used.Length == 0 ? name : next.Used + "\n" + name;
            var rule = kernel.Compiler.Grammar.Register(new Rule());
            rule.Alternatives = [kernel.Compiler.Grammar.Sequence(value, kernel.GetSymbol(true, next with { Used = used }))];
            return _known[text] = rule;
        }
    }
}
