namespace ModelRunner.Grammars.Parsing;

/// <summary>A nonterminal with given alternatives, as written grammars have them.</summary>
internal sealed class Rule : Nonterminal
{
    private bool _isNullable;

    public override bool IsNullable => _isNullable;

    /// <summary>Set before the grammar is used; null stands for the empty alternative.</summary>
    public Body?[] Alternatives { get; set; } = [];

    public void MarkNullable() => _isNullable = true;

    protected override Body?[] Expand(Grammar grammar) => Alternatives;
}
