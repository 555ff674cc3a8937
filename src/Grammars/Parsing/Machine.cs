using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Parsing;

/// <summary>
/// Lexer and parser as one automaton over bytes, whose states and transitions are made when they are first needed and
/// are shared by all sequences of a grammar. Belongs to one thread at a time.
/// </summary>
internal sealed class Machine
{
    private readonly Grammar _grammar;
    private readonly Lexer _lexer;
    private readonly Parser _parser;
    private readonly Dictionary<(Row, LexSet)[], Configuration> _configurations = new(new ContentComparer<(Row, LexSet)>());
    private readonly Dictionary<(Row, LexSet)[], Configuration> _accepting = new(new ContentComparer<(Row, LexSet)>());
    private readonly List<Configuration> _all = [];
    private readonly List<(Row, LexSet)> _threads = [];

    public Machine(Grammar grammar)
    {
        _grammar = grammar;
        _lexer = new Lexer(grammar.Rx);
        _parser = new Parser(grammar, _lexer);
        Start = Enter(_parser.Start());
    }

    /// <summary>Before the first byte.</summary>
    public Configuration Start { get; private set; }

    public Lexer Lexer => _lexer;

    /// <summary>States that are remembered.</summary>
    public int StateCount => _all.Count + _parser.RowCount + _lexer.StateCount;

    /// <summary>The configuration behind a byte; <see cref="Configuration.Dead"/> when it may not come.</summary>
    public Configuration Step(Configuration from, byte value)
    {
        var known = from.Next;
        var index = from.IndexOf(value);
        if (index < known.Length && known[index] is { } next)
            return next;

        next = MakeStep(from, value);
        from.Remember(value, next);
        return next;
    }

    /// <summary>Where a row begins, with nothing of its terminals read.</summary>
    public Configuration Enter(Row row) =>
        GetConfiguration(row.Lexer is { } lexer ? [(row, lexer)] : [], row.IsAccepting);

    /// <summary>Where the end of terminals in a row leads.</summary>
    public Configuration Enter(Row row, AcceptSet accept) => Enter(_parser.Advance(row, accept));

    /// <summary>The only byte that can follow, or -1 when there are several, none, or the text may end.</summary>
    public int GetForcedByte(Configuration configuration)
    {
        if (configuration.ForcedByte == Configuration.Unknown)
            configuration.ForcedByte = FindForcedByte(configuration);

        return configuration.ForcedByte;
    }

    /// <summary>Forgets states, once there are too many; those in use stay valid and are made again as needed.</summary>
    public void Trim()
    {
        if (StateCount <= _grammar.Limits.StateCount)
            return;

        foreach (var configuration in _all)
            configuration.Forget();

        _all.Clear();
        _configurations.Clear();
        _accepting.Clear();
        _parser.Forget();
        _lexer.Forget();
        Start = Enter(_parser.Start());
    }

    private int FindForcedByte(Configuration configuration)
    {
        if (configuration.IsAccepting)
            return -1;

        var following = default(ByteSet);
        foreach (var (_, lexer) in configuration.Threads)
            following |= _lexer.GetFollowing(lexer);

        return following.Count == 1 ? following.First : -1;
    }

    private Configuration MakeStep(Configuration from, byte value)
    {
        var isAccepting = false;
        _threads.Clear();
        foreach (var (row, lexer) in from.Threads)
        {
            var step = _lexer.Step(lexer, value);
            if (step.Live is { } live)
                _threads.Add((row, live));
            if (step.Accept is not { } accept)
                continue;

            var next = _parser.Advance(row, accept);
            isAccepting |= next.IsAccepting;
            if (next.Lexer is { } start)
                _threads.Add((next, start));
        }

        if (_threads.Count > 1)
        {
            // Equal pairs are one; the order of the rest tells contents apart reliably enough when it is the rows'.
            _threads.Sort(static (a, b) => a.Item1.Id.CompareTo(b.Item1.Id));
            return GetConfiguration([.. _threads.Distinct()], isAccepting);
        }

        return GetConfiguration([.. _threads], isAccepting);
    }

    private Configuration GetConfiguration((Row, LexSet)[] threads, bool isAccepting)
    {
        if (threads.Length == 0 && !isAccepting)
            return Configuration.Dead;
        if (threads.Length > _grammar.Limits.RowItems)
            throw new GrammarLimitException("too many of its alternatives are open at one place");

        var table = isAccepting ? _accepting : _configurations;
        if (!table.TryGetValue(threads, out var configuration))
        {
            _grammar.Rx.CountStep(threads.Length);
            table.Add(threads, configuration = new Configuration(threads, isAccepting));
            _all.Add(configuration);
        }

        return configuration;
    }
}
