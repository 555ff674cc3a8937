using ModelRunner.Grammars.Parsing;

namespace ModelRunner.Grammars.Schema;

/// <summary>
/// The grammar of something with members between commas: right-recursive rules whose nonterminals are its states, made
/// where a parser comes to them.
/// </summary>
/// <typeparam name="TState">How far it has come.</typeparam>
internal abstract class StateKernel<TState>(SchemaCompiler compiler)
    where TState : struct
{
    private readonly Dictionary<TState, bool> _canFinish = [];
    private readonly Dictionary<(bool IsTail, TState), Nonterminal> _symbols = [];

    protected SchemaCompiler Compiler => compiler;

    /// <summary>Whether it can end, now or later.</summary>
    public bool CanFinish(TState state)
    {
        if (CanClose(state))
            return true;

        if (FindEnd(state) is { } isKnown)
            return isKnown;
        if (_canFinish.TryGetValue(state, out var known))
            return known;

        compiler.Rx.CountStep();
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        _canFinish[state] = false;
        return _canFinish[state] = HasMoves(state);
    }

    /// <summary>Whether it can end here.</summary>
    protected abstract bool CanClose(TState state);

    /// <summary>The states behind one more member that can be satisfied.</summary>
    protected abstract IEnumerable<TState> NextStates(TState state);

    /// <summary>What can stand before a member.</summary>
    protected abstract Body?[] ExpandMembers(TState state);

    /// <summary>What can stand behind a member.</summary>
    protected abstract Body?[] ExpandTail(TState state);

    /// <summary>Whether it can end, where that is known without a search.</summary>
    protected virtual bool? FindEnd(TState state) => null;

    protected bool HasMoves(TState state)
    {
        foreach (var next in NextStates(state))
            if (CanFinish(next))
                return true;

        return false;
    }

    protected Nonterminal GetSymbol(bool isTail, TState state)
    {
        if (!_symbols.TryGetValue((isTail, state), out var symbol))
        {
            symbol = isTail ? new Tail(this, state) : new Members(this, state);
            _symbols.Add((isTail, state), compiler.Grammar.Register(symbol));
        }

        return symbol;
    }

    private sealed class Tail(StateKernel<TState> kernel, TState state) : Nonterminal
    {
        protected override Body?[] Expand(Grammar grammar) => kernel.ExpandTail(state);
    }

    private sealed class Members(StateKernel<TState> kernel, TState state) : Nonterminal
    {
        protected override Body?[] Expand(Grammar grammar) => kernel.ExpandMembers(state);
    }
}
