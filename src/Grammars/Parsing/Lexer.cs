using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Parsing;

/// <summary>Makes the lexer's states and their transitions, when they are first needed.</summary>
internal sealed class Lexer(RxBuilder rx)
{
    private readonly Dictionary<LexEntry[], LexSet> _sets = new(new ContentComparer<LexEntry>());
    private readonly Dictionary<Match[], AcceptSet> _accepts = new(new ContentComparer<Match>());
    private readonly Dictionary<(Rx, int), Rx> _bounded = [];
    private readonly List<LexSet> _all = [];

    public int StateCount => _all.Count;

    /// <summary>The state at the start of any of the terminals; null when there are none.</summary>
    public LexSet? Start(IEnumerable<Terminal> terminals) =>
        GetSet([.. terminals.Distinct().Select(static terminal =>
            new LexEntry(terminal, terminal.Expression, terminal.IsCaptured ? "" : null))]);

    public LexStep Step(LexSet set, byte value) => set.Steps[set.Classes[value]] ?? MakeStep(set, value);

    /// <summary>The bytes that can follow.</summary>
    public ByteSet GetFollowing(LexSet set)
    {
        var following = default(ByteSet);
        var rest = default(ByteSet);
        foreach (var entry in set.Entries)
            rest |= entry.Rest.First;

        while (!rest.IsEmpty)
        {
            var value = rest.First;
            var same = rest;
            var step = Step(set, value);
            foreach (var entry in set.Entries)
                rx.Derive(entry.Rest, value, ref same);

            if (step != LexStep.Dead)
                following |= same;
            rest &= ~same;
        }

        return following;
    }

    /// <summary>
    /// The state with counts beyond <paramref name="length"/> taken as unbounded: equal for all strings up to that
    /// many bytes, and one state for many.
    /// </summary>
    public LexSet GetBounded(LexSet set, int length)
    {
        if (set.Bounded is { } known)
            return known;

        var entries = Array.ConvertAll(set.Entries, entry => new LexEntry(entry.Terminal, Bound(entry.Rest, length), null));
        set.Bounded = GetSet(entries)!;
        if (set.Bounded.Hash == 0)
        {
            var hash = new StructuralHash(64);
            foreach (var entry in set.Bounded.Entries)
                hash.Add(entry.Rest.Hash);

            set.Bounded.Hash = hash.Value;
        }

        return set.Bounded;
    }

    /// <summary>The matches of some entries of a bounded set, whose captures stand in the set it was made of.</summary>
    /// <param name="set">The set itself.</param>
    /// <param name="bounded">The set that the indices are of.</param>
    /// <param name="entries">Indices of entries.</param>
    /// <param name="text">What was read since, for captures.</param>
    public AcceptSet GetAccept(LexSet set, LexSet bounded, int[] entries, string? text)
    {
        var matches = new List<Match>(entries.Length);
        foreach (var index in entries)
        {
            var terminal = bounded.Entries[index].Terminal;
            matches.Add(new Match(terminal, terminal.IsCaptured ? Array.Find(set.Entries, entry => entry.Terminal == terminal).Text + text : null));
        }

        return GetAccept(matches)!;
    }

    public void Forget()
    {
        _sets.Clear();
        foreach (var set in _all)
            set.Forget();

        _all.Clear();
        _accepts.Clear();
    }

    private Rx Bound(Rx node, int length)
    {
        if (node.NeedsSearch || node.Kind is not (RxKind.Repeat or RxKind.Concat or RxKind.Or))
            return node;
        if (_bounded.TryGetValue((node, length), out var known))
            return known;

        var items = Array.ConvertAll(node.Items, item => Bound(item, length));
        var result = node.Kind switch
        {
            RxKind.Concat => rx.Concat(items[0], items[1]),
            RxKind.Or => rx.Or(items),
            _ when items[0].IsNullable => node,
            _ => rx.Repeat(items[0], Math.Min(node.Min, length + 1), node.Max > length ? Rx.Unbounded : node.Max),
        };
        return _bounded[(node, length)] = result;
    }

    private LexStep MakeStep(LexSet set, byte value)
    {
        var live = new List<LexEntry>(set.Entries.Length);
        List<Match>? ended = null;
        var same = ByteSet.All;
        foreach (var (terminal, rest, read) in set.Entries)
        {
            var next = rx.Derive(rest, value, ref same);
            if (next.IsNothing)
                continue;

            var text = read is null ? null : read + (char)value;
            if (read is not null)
                same &= ByteSet.Of(value);
            if (next.IsNullable)
                (ended ??= []).Add(new Match(terminal, text));
            if (!next.IsEpsilon && (next.IsNullable ? HasMore(next) : !rx.IsEmpty(next)))
                live.Add(new LexEntry(terminal, next, text));
        }

        var step = live.Count == 0 && ended is null ? LexStep.Dead : new LexStep(GetSet([.. live]), GetAccept(ended));
        set.Remember(same, step);
        return step;
    }

    /// <summary>Whether a nullable expression has other strings too.</summary>
    private bool HasMore(Rx node)
    {
        if (!node.NeedsSearch)
            return true;

        for (var rest = node.First; !rest.IsEmpty;)
        {
            var same = rest;
            if (!rx.IsEmpty(rx.Derive(node, rest.First, ref same)))
                return true;
            rest &= ~same;
        }

        return false;
    }

    private LexSet? GetSet(LexEntry[] entries)
    {
        if (entries.Length == 0)
            return null;

        Array.Sort(entries, static (a, b) =>
            a.Rest.Hash.CompareTo(b.Rest.Hash) is var order and not 0 ? order : a.Terminal.Id.CompareTo(b.Terminal.Id));
        if (!_sets.TryGetValue(entries, out var set))
        {
            rx.CountStep();
            _sets.Add(entries, set = new LexSet(entries));
            _all.Add(set);
        }

        return set;
    }

    private AcceptSet? GetAccept(List<Match>? matches)
    {
        if (matches is null)
            return null;

        var key = matches.ToArray();
        Array.Sort(key, static (a, b) => a.Terminal.Id.CompareTo(b.Terminal.Id));
        if (!_accepts.TryGetValue(key, out var accept))
            _accepts.Add(key, accept = new AcceptSet(key));

        return accept;
    }
}
