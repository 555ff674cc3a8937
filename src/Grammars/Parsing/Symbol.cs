using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Parsing;

/// <summary>A terminal or nonterminal of a <see cref="Grammar"/>.</summary>
internal abstract class Symbol
{
    public int Id { get; set; }
}

/// <summary>A regular language of non-empty strings; one for each expression.</summary>
internal sealed class Terminal(Rx expression, bool isCaptured) : Symbol
{
    public Rx Expression { get; } = expression;

    /// <summary>Whether the nonterminal behind it, a <see cref="CapturedNonterminal"/>, depends on what it matched.</summary>
    public bool IsCaptured { get; } = isCaptured;
}

/// <summary>A symbol whose alternatives are made when a parser first comes to it.</summary>
internal abstract class Nonterminal : Symbol
{
    private Body?[]? _alternatives;

    /// <summary>Whether it derives the empty string. Fixed before its first use.</summary>
    public virtual bool IsNullable => false;

    /// <summary>Its alternatives; null stands for the empty one.</summary>
    public ReadOnlySpan<Body?> GetAlternatives(Grammar grammar) => _alternatives ??= Expand(grammar);

    protected abstract Body?[] Expand(Grammar grammar);
}

/// <summary>Stands behind a captured terminal until that has matched.</summary>
internal abstract class CapturedNonterminal : Nonterminal
{
    /// <summary>The symbol in its place.</summary>
    public abstract Nonterminal With(string text);

    protected override Body?[] Expand(Grammar grammar) => [];
}

/// <summary>What is still to be read of an alternative: a linked list, one object for each content.</summary>
internal sealed class Body(int id, Symbol head, Body? tail)
{
    public int Id { get; } = id;

    public Symbol Head { get; } = head;

    public Body? Tail { get; } = tail;
}
