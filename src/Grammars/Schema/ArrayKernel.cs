using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Schema;

/// <summary>Where an array has come to.</summary>
/// <param name="Index">Items so far, as far as that matters.</param>
/// <param name="Counts">Items that each <c>contains</c> has found, a character for each.</param>
/// <param name="Used">Scalars so far, where they must differ: one a line.</param>
internal readonly record struct ArrayState(int Index, string Counts, string Used);

/// <summary>The grammar of an array under one alternative of its facts, made like that of an object.</summary>
internal sealed class ArrayKernel
{
    // Counts of contains are characters.
    private const int MaxContains = 1000;

    private readonly SchemaCompiler _compiler;
    private readonly Facts _facts;
    private readonly int _prefix;
    private readonly int _lastIndex;
    private readonly Dictionary<ArrayState, bool> _canFinish = [];
    private readonly Dictionary<(bool IsTail, ArrayState), Nonterminal> _symbols = [];
    private readonly Dictionary<int, Conjunction> _items = [];

    public ArrayKernel(SchemaCompiler compiler, Facts facts)
    {
        _compiler = compiler;
        _facts = facts;
        _prefix = facts.Arrays.Select(static group => group.Prefix.Count).DefaultIfEmpty(0).Max();
        if (facts.Contains.Count > 0)
            _prefix = Math.Max(_prefix, facts.Contains.Max(static contains => contains.From));

        _lastIndex = facts.Max < int.MaxValue ? facts.Max : Math.Max(_prefix, facts.Min);
        Start = new ArrayState(0, new string('\0', facts.Contains.Count), "");
        foreach (var contains in facts.Contains)
            if (contains.Min > MaxContains || (contains.Max > MaxContains && contains.Max < int.MaxValue) || facts.Min > MaxContains)
                throw new GrammarLimitException($"'contains' with counts above {MaxContains} is not supported");
    }

    public ArrayState Start { get; }

    public IEnumerable<Conjunction> Values
    {
        get
        {
            for (var i = 0; i <= Math.Min(_prefix, _lastIndex); i++)
                foreach (var (value, _) in Choices(new ArrayState(i, Start.Counts, "")))
                    yield return value;
        }
    }

    /// <summary>Whether the array can end, now or later.</summary>
    public bool CanFinish(ArrayState state)
    {
        if (CanClose(state))
            return true;

        if (_facts.Contains.Count == 0)
            return CanReach(state.Index);
        if (_canFinish.TryGetValue(state, out var known))
            return known;

        _compiler.Rx.CountStep();
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        _canFinish[state] = false;
        foreach (var (value, next) in Choices(state))
            if (_compiler.IsSatisfiable(value) && CanFinish(next))
                return _canFinish[state] = true;

        return false;
    }

    public void AddAlternatives(List<Body?> alternatives)
    {
        var grammar = _compiler.Grammar;
        var syntax = _compiler.Syntax;
        if (CanClose(Start))
            alternatives.Add(grammar.Sequence(syntax.OpenArray, syntax.CloseEmptyArray));
        if (HasMoves(Start))
            alternatives.Add(grammar.Sequence(syntax.OpenArray, GetSymbol(false, Start)));
    }

    /// <summary>Asks what a parser will ask, so that what cannot be honoured is known at once.</summary>
    public void Check()
    {
        if (_facts.Unique is null || _facts.Max <= 1)
            return;

        for (var i = 0; i <= Math.Min(_prefix, _lastIndex); i++)
            UnusedScalars(Start with { Index = i });
    }

    /// <summary>Whether there are so many scalars for the items, as far as lists of constants tell.</summary>
    public bool HasDistinct(int count)
    {
        var scalars = UnusedScalars(Start with { Index = Math.Min(_prefix, _lastIndex) });
        return scalars.Kind != RxKind.Or || !Array.TrueForAll(scalars.Items, static item => item.Kind == RxKind.Literal) || scalars.Items.Length >= count;
    }

    private bool CanReach(int index)
    {
        for (; index < _facts.Min; index++)
        {
            if (!_compiler.IsSatisfiable(GetItem(index)))
                return false;
            if (index >= _prefix)
                return true;
        }

        return true;
    }

    private bool CanClose(ArrayState state)
    {
        if (state.Index < _facts.Min)
            return false;

        for (var i = 0; i < _facts.Contains.Count; i++)
            if (state.Counts[i] < _facts.Contains[i].Min)
                return false;

        return true;
    }

    private bool HasMoves(ArrayState state)
    {
        foreach (var (value, next) in Choices(state))
            if (_compiler.IsSatisfiable(value) && CanFinish(next))
                return true;

        return false;
    }

    private Body?[] ExpandTail(ArrayState state)
    {
        var alternatives = new List<Body?>();
        if (CanClose(state))
            alternatives.Add(_compiler.Grammar.Sequence(_compiler.Syntax.CloseArray));
        if (HasMoves(state) && (_facts.Unique is null || !_compiler.Rx.IsEmpty(UnusedScalars(state))))
            alternatives.Add(_compiler.Grammar.Sequence(_compiler.Syntax.Comma, GetSymbol(false, state)));

        return [.. alternatives];
    }

    private Body?[] ExpandItems(ArrayState state)
    {
        var alternatives = new List<Body?>();
        if (_facts.Unique is not null && _facts.Max > 1)
        {
            var unused = UnusedScalars(state);
            if (!_compiler.Rx.IsEmpty(unused))
                alternatives.Add(_compiler.Grammar.Sequence(
                    _compiler.Grammar.GetTerminal(unused, isCaptured: true),
                    _compiler.Grammar.Register(new UniqueTail(this, state))));
            return [.. alternatives];
        }

        foreach (var (value, next) in Choices(state))
            if (_compiler.IsSatisfiable(value) && CanFinish(next))
                alternatives.Add(_compiler.Grammar.Sequence(value, GetSymbol(true, next)));

        return [.. alternatives];
    }

    /// <summary>What an item may be, with where each choice leads.</summary>
    private List<(Conjunction Value, ArrayState Next)> Choices(ArrayState state)
    {
        var choices = new List<(Conjunction, ArrayState)>();
        if (state.Index >= _facts.Max)
            return choices;

        var next = state with { Index = Math.Min(state.Index + 1, _lastIndex) };
        AddChoices(choices, GetItem(state.Index), next, state.Index, 0);
        return choices;
    }

    private void AddChoices(List<(Conjunction, ArrayState)> choices, Conjunction value, ArrayState next, int index, int at)
    {
        if (at == _facts.Contains.Count)
        {
            choices.Add((value, next));
            return;
        }

        var contains = _facts.Contains[at];
        var found = next.Counts[at];
        var isBounded = contains.Max < int.MaxValue;
        if (index < contains.From)
        {
            AddChoices(choices, value, next, index, at + 1);
            return;
        }

        // Without an upper bound, an item that is not counted may be anything: that one counts is a guess.
        if (isBounded || found >= contains.Min)
            AddChoices(choices, isBounded ? _compiler.Add(value, contains.Literal ^ 1) : value, next, index, at + 1);
        else
            AddChoices(choices, value, next, index, at + 1);

        if (isBounded ? found < contains.Max : found < contains.Min)
        {
            var counts = next.Counts.ToCharArray();
            counts[at]++;
            AddChoices(choices, _compiler.Add(value, contains.Literal), next with { Counts = new string(counts) }, index, at + 1);
        }
    }

    private Conjunction GetItem(int index)
    {
        index = Math.Min(index, _prefix);
        if (!_items.TryGetValue(index, out var item))
        {
            item = _compiler.GetConjunction(_facts.Arrays.Select(group => group[index]).Where(static literal => literal >= 0));
            _items.Add(index, item);
        }

        return item;
    }

    private Rx UnusedScalars(ArrayState state)
    {
        if (state.Index >= _facts.Max)
            return _compiler.Rx.Nothing;
        if (_facts.Contains.Count > 0)
            throw _facts.Unique!.Refuse("uniqueItems", "is not supported beside contains");

        return _compiler.GetUniqueScalars(
            GetItem(state.Index), _facts.Unique!, state.Used.Length == 0 ? [] : state.Used.Split('\n'));
    }

    private Nonterminal GetSymbol(bool isTail, ArrayState state)
    {
        if (!_symbols.TryGetValue((isTail, state), out var symbol))
        {
            symbol = isTail ? new Tail(this, state) : new Items(this, state);
            _symbols.Add((isTail, state), _compiler.Grammar.Register(symbol));
        }

        return symbol;
    }

    /// <summary>Behind an item.</summary>
    private sealed class Tail(ArrayKernel kernel, ArrayState state) : Nonterminal
    {
        protected override Body?[] Expand(Grammar grammar) => kernel.ExpandTail(state);
    }

    /// <summary>Before an item.</summary>
    private sealed class Items(ArrayKernel kernel, ArrayState state) : Nonterminal
    {
        protected override Body?[] Expand(Grammar grammar) => kernel.ExpandItems(state);
    }

    /// <summary>Behind an item that must not come again.</summary>
    private sealed class UniqueTail(ArrayKernel kernel, ArrayState state) : CapturedNonterminal
    {
        public override Nonterminal With(string text) => kernel.GetSymbol(true, new ArrayState(
            Math.Min(state.Index + 1, kernel._lastIndex),
            state.Counts,
            Join(state.Used, text)));

        private static string Join(string used, string text)
        {
            // Sorted, as the order makes no difference to what may follow.
            string[] all = used.Length == 0 ? [text] : [.. used.Split('\n'), text];
            Array.Sort(all, StringComparer.Ordinal);
            return string.Join('\n', all);
        }
    }
}
