namespace ModelRunner.Grammars;

/// <summary>Bounds of what one grammar may cost. Counts, not clocks: the same grammar always gets the same answer.</summary>
public sealed record GrammarLimits
{
    /// <summary>The bounds of a server.</summary>
    public static GrammarLimits Default { get; } = new();

    /// <summary>Bytes of the specification.</summary>
    public int SourceLength { get; init; } = 4 << 20;

    /// <summary>Distinct regular expressions, derivatives included, of a grammar at any time.</summary>
    public int ExpressionCount { get; init; } = 1_500_000;

    /// <summary>Steps of compiling: expressions made, derivatives taken, subschemas combined.</summary>
    public long CompileSteps { get; init; } = 4_000_000;

    /// <summary>Steps of one mask or one token.</summary>
    public long StepsPerToken { get; init; } = 3_000_000;

    /// <summary>States of parser and lexer that are remembered; beyond it they are forgotten and made again.</summary>
    public int StateCount { get; init; } = 60_000;

    /// <summary>Items of one row of the parser.</summary>
    public int RowItems { get; init; } = 20_000;

    /// <summary>Alternatives that one combination of subschemas may have.</summary>
    public int Alternatives { get; init; } = 2_000;

    /// <summary>Combinations of subschemas.</summary>
    public int Conjunctions { get; init; } = 50_000;
}
