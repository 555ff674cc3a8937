using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Parsing;

/// <summary>
/// A context-free grammar over bytes whose terminals are regular. Nonterminals come with any parameters they like, as
/// different objects: their alternatives are made only where a parser comes.
/// </summary>
internal sealed class Grammar
{
    private readonly Dictionary<(Rx, bool), Terminal> _terminals = [];
    private readonly Dictionary<(int Head, int Tail), Body> _bodies = [];
    private int _symbolCount;

    public Grammar(GrammarLimits limits)
    {
        Limits = limits;
        Rx = new RxBuilder(limits);
    }

    public GrammarLimits Limits { get; }

    public RxBuilder Rx { get; }

    /// <summary>Where derivations begin. Set once by the front end.</summary>
    public Nonterminal Root { get; set; } = null!;

    /// <summary>The terminal of an expression, which is not nullable and not empty.</summary>
    public Terminal GetTerminal(Rx expression, bool isCaptured = false)
    {
        if (!_terminals.TryGetValue((expression, isCaptured), out var terminal))
            _terminals.Add((expression, isCaptured), terminal = Register(new Terminal(expression, isCaptured)));

        return terminal;
    }

    /// <summary>Gives a symbol its number; every symbol passes here once.</summary>
    public T Register<T>(T symbol)
        where T : Symbol
    {
        Rx.CountStep();
        symbol.Id = ++_symbolCount;
        return symbol;
    }

    /// <summary>The symbols one after the other.</summary>
    public Body? Sequence(params ReadOnlySpan<Symbol> symbols)
    {
        Body? body = null;
        for (var i = symbols.Length - 1; i >= 0; i--)
            body = Prepend(symbols[i], body);

        return body;
    }

    public Body Prepend(Symbol head, Body? tail)
    {
        var key = (head.Id, tail?.Id ?? 0);
        if (!_bodies.TryGetValue(key, out var body))
            _bodies.Add(key, body = new Body(_bodies.Count + 1, head, tail));

        return body;
    }
}
