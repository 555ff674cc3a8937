using ModelRunner.Grammars.Parsing;

namespace ModelRunner.Grammars.Schema;

/// <summary>
/// Subschemas that must all hold, by their literals: the nonterminal of a value that satisfies them. Sets of literals
/// are finite in number, so that compiling ends whatever refers to what.
/// </summary>
internal sealed class Conjunction(SchemaCompiler compiler, int[] literals) : Nonterminal
{
    public int[] Literals { get; } = literals;

    /// <summary>Alternatives for objects and arrays; null before they are needed.</summary>
    public List<Facts>? ObjectFacts { get; set; }

    public List<Facts>? ArrayFacts { get; set; }

    public List<ObjectKernel>? ObjectKernels { get; set; }

    public List<ArrayKernel>? ArrayKernels { get; set; }

    /// <summary>Whether some value satisfies it; null when not known.</summary>
    public bool? IsSatisfiable { get; set; }

    protected override Body?[] Expand(Grammar grammar) => compiler.ExpandValue(this);
}
