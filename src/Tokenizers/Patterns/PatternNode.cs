using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Patterns;

/// <summary>The syntax tree of a pattern.</summary>
internal abstract record PatternNode
{
    /// <summary>Matches the same texts written backwards. What looks around stays as it is.</summary>
    public abstract PatternNode Reverse();

    public sealed record Characters(CodePointSet Set) : PatternNode
    {
        public override PatternNode Reverse() => this;
    }

    public sealed record Concatenation(params PatternNode[] Parts) : PatternNode
    {
        public override PatternNode Reverse() => new Concatenation([.. Parts.Reverse().Select(part => part.Reverse())]);
    }

    /// <summary>The first branch that leads to a match wins.</summary>
    public sealed record Alternation(params PatternNode[] Branches) : PatternNode
    {
        public override PatternNode Reverse() => new Alternation([.. Branches.Select(branch => branch.Reverse())]);
    }

    /// <summary>Any number of times.</summary>
    public sealed record Repetition(PatternNode Body, bool IsGreedy) : PatternNode
    {
        public override PatternNode Reverse() => new Repetition(Body.Reverse(), IsGreedy);
    }

    public sealed record Empty : PatternNode
    {
        public override PatternNode Reverse() => this;
    }

    public sealed record Look(PatternNode Body, bool IsAhead, bool IsNegative) : PatternNode
    {
        public override PatternNode Reverse() => this;
    }
}
