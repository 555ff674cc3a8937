namespace ModelRunner.Grammars.Parsing;

/// <summary>Where a nonterminal was begun: what waits for it stands in the row.</summary>
/// <param name="Id">Number within the machine.</param>
/// <param name="Goal">The nonterminal.</param>
/// <param name="Row">The row whose items go on behind it.</param>
internal sealed record Frame(int Id, Nonterminal Goal, Row Row)
{
    public bool Equals(Frame? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Id;
}

/// <summary>One way that a parse can go on.</summary>
/// <param name="Rest">What comes next.</param>
/// <param name="Return">Where to go on behind that; null at the end of the root.</param>
internal readonly record struct Item(Body Rest, Frame? Return);

/// <summary>
/// A set of Earley's, whose origins are references to rows: rows with equal kernels are one object, so that the parse
/// of a repetition comes back to rows that it has been in, with all that was worked out for them.
/// </summary>
internal sealed class Row(int id, Item[] kernel, bool isAccepting)
{
    public int Id { get; } = id;

    public Item[] Kernel { get; } = kernel;

    /// <summary>Whether the kernel ends the root. <see cref="IsAccepting"/> counts empty rests too.</summary>
    public bool KernelAccepts { get; } = isAccepting;

    public bool IsAccepting { get; set; } = isAccepting;

    /// <summary>Items that wait for a terminal.</summary>
    public Item[] Scans { get; set; } = [];

    /// <summary>Items that wait for a nonterminal and have something behind it.</summary>
    public Item[] Waits { get; set; } = [];

    /// <summary>What the lexer looks for here; null when nothing can follow.</summary>
    public LexSet? Lexer { get; set; }

    public Dictionary<AcceptSet, Row> Next { get; } = [];
}
