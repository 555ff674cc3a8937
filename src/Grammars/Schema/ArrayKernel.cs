using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Schema;

/// <summary>Where an array has come to.</summary>
/// <param name="Index">Items so far, as far as that matters.</param>
/// <param name="Counts">Items that each <c>contains</c> has found, a character for each.</param>
/// <param name="Used">Scalars so far, where they must differ: one a line.</param>
internal readonly record struct ArrayState(int Index, string Counts, string Used);

/// <summary>The grammar of an array under one alternative of its facts, made like that of an object.</summary>
internal sealed class ArrayKernel : StateKernel<ArrayState>
{
    // Counts of contains are characters.
    private const int MaxContains = 1000;

    private readonly Facts _facts;
    private readonly int _prefix;
    private readonly int _lastIndex;
    private readonly Dictionary<int, Conjunction> _items = [];

    public ArrayKernel(SchemaCompiler compiler, Facts facts)
        : base(compiler)
    {
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

    public void AddAlternatives(List<Body?> alternatives)
    {
        var grammar = Compiler.Grammar;
        var syntax = Compiler.Syntax;
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

    /// <summary>
    /// Whether there are values enough for so many items that differ: for those without places of their own, and, as
    /// they come, for all up to each.
    /// </summary>
    public bool HasDistinct(int count)
    {
        var rx = Compiler.Rx;
        var rest = count > _prefix ? GetValues(_prefix) : rx.Nothing;
        if (!rx.HasWords(rest, count - _prefix))
            return false;

        var values = rx.Nothing;
        for (var i = 0; i < Math.Min(_prefix, count); i++)
        {
            values = rx.Or(values, GetValues(i));
            if (!rx.HasWords(values, i + 1))
                return false;
        }

        return rx.HasWords(rx.Or(values, rest), count);
    }

    // Which items come makes no difference then: only how many.
    protected override bool? FindEnd(ArrayState state) => _facts.Contains.Count == 0 ? CanReach(state.Index) : null;

    protected override IEnumerable<ArrayState> NextStates(ArrayState state) =>
        Choices(state).Where(choice => Compiler.IsSatisfiable(choice.Value)).Select(static choice => choice.Next);

    private bool CanReach(int index)
    {
        for (; index < _facts.Min; index++)
        {
            if (!Compiler.IsSatisfiable(GetItem(index)))
                return false;
            if (index >= _prefix)
                return true;
        }

        return true;
    }

    protected override bool CanClose(ArrayState state)
    {
        if (state.Index < _facts.Min)
            return false;

        for (var i = 0; i < _facts.Contains.Count; i++)
            if (state.Counts[i] < _facts.Contains[i].Min)
                return false;

        return true;
    }

    protected override Body?[] ExpandTail(ArrayState state)
    {
        var alternatives = new List<Body?>();
        if (CanClose(state))
            alternatives.Add(Compiler.Grammar.Sequence(Compiler.Syntax.CloseArray));
        if (HasMoves(state) && (_facts.Unique is null || HasUnused(state)))
            alternatives.Add(Compiler.Grammar.Sequence(Compiler.Syntax.Comma, GetSymbol(false, state)));

        return [.. alternatives];
    }

    protected override Body?[] ExpandMembers(ArrayState state)
    {
        var alternatives = new List<Body?>();
        if (_facts.Unique is not null && _facts.Max > 1)
        {
            var unused = UnusedScalars(state);
            if (!Compiler.Rx.IsEmpty(unused))
                alternatives.Add(Compiler.Grammar.Sequence(
                    Compiler.Grammar.GetTerminal(unused, isCaptured: true),
                    Compiler.Grammar.Register(new UniqueTail(this, state))));
            return [.. alternatives];
        }

        foreach (var (value, next) in Choices(state))
            if (Compiler.IsSatisfiable(value) && CanFinish(next))
                alternatives.Add(Compiler.Grammar.Sequence(value, GetSymbol(true, next)));

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
            AddChoices(choices, isBounded ? Compiler.Add(value, contains.Literal ^ 1) : value, next, index, at + 1);
        else
            AddChoices(choices, value, next, index, at + 1);

        if (isBounded ? found < contains.Max : found < contains.Min)
        {
            var counts = next.Counts.ToCharArray();
            counts[at]++;
            AddChoices(choices, Compiler.Add(value, contains.Literal), next with { Counts = new string(counts) }, index, at + 1);
        }
    }

    private Conjunction GetItem(int index)
    {
        index = Math.Min(index, _prefix);
        if (!_items.TryGetValue(index, out var item))
        {
            item = Compiler.GetConjunction(_facts.Arrays.Select(group => group[index]).Where(static literal => literal >= 0));
            _items.Add(index, item);
        }

        return item;
    }

    /// <summary>Whether something is left for one more item that must differ: always, where strings are without number.</summary>
    private bool HasUnused(ArrayState state) =>
        Compiler.HasEndlessStrings(GetItem(state.Index)) || !Compiler.Rx.IsEmpty(UnusedScalars(state));

    private Rx UnusedScalars(ArrayState state) => state.Index >= _facts.Max
        ? Compiler.Rx.Nothing
        : Compiler.GetUniqueScalars(GetUniqueItem(state.Index), _facts.Unique!, state.Used.Length == 0 ? [] : state.Used.Split('\n'));

    private Rx GetValues(int index) => Compiler.GetScalarValues(GetUniqueItem(index), _facts.Unique!);

    private Conjunction GetUniqueItem(int index) => _facts.Contains.Count == 0
        ? GetItem(index)
        : throw _facts.Unique!.Refuse("uniqueItems", "is not supported beside contains");

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
