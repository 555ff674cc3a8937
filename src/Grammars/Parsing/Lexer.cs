using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Parsing;

/// <summary>Makes the lexer's states and their transitions, when they are first needed.</summary>
internal sealed class Lexer(RxBuilder rx)
{
    // Where fewer characters are left, most tokens come to the bound.
    private const int LeastReach = 8;

    private readonly Dictionary<LexEntry[], LexSet> _sets = new(new ContentComparer<LexEntry>());
    private readonly Dictionary<Match[], AcceptSet> _accepts = new(new ContentComparer<Match>());
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

        set.Bounded = GetSet(Array.ConvertAll(
            set.Entries, entry => new LexEntry(entry.Terminal, rx.Loosen(entry.Rest, length, isText: false).Node, null)))!;
        if (set.Bounded.Hash == 0)
        {
            var hash = new StructuralHash(64);
            foreach (var entry in set.Bounded.Entries)
                hash.Add(entry.Rest.Hash);

            set.Bounded.Hash = hash.Value;
        }

        return set.Bounded;
    }

    /// <summary>
    /// The state without bounds of text that are some way off, and the bytes that can be read before it makes a
    /// difference: near the end of what a string may hold each place is a state, and most tokens are shorter than that.
    /// </summary>
    /// <param name="set">A bounded state.</param>
    public (LexSet Set, int Reach) GetLoose(LexSet set)
    {
        if (set.Loose is { } known)
            return known;

        var reach = Rx.Unbounded;
        var entries = new LexEntry[set.Entries.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            var (rest, own) = rx.Loosen(set.Entries[i].Rest, LeastReach, isText: true);
            entries[i] = set.Entries[i] with { Rest = rest };
            reach = Math.Min(reach, own);
        }

        var loose = (GetSet(entries)!, reach);
        set.Loose = loose;
        return loose;
    }

    /// <summary>Whether texts of so many bytes do the same in both, as far as bounds that are further away tell.</summary>
    public bool AreAlike(LexSet? a, LexSet? b, int length)
    {
        if (a == b)
            return true;
        if (a is null || b is null)
            return false;

        var (looseA, reachA) = GetLoose(a);
        var (looseB, reachB) = GetLoose(b);
        return looseA == looseB && Math.Min(reachA, reachB) >= length;
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
