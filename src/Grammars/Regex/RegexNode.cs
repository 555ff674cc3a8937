namespace ModelRunner.Grammars.Regex;

/// <summary>The syntax tree of a pattern, over characters.</summary>
internal abstract record RegexNode
{
    /// <summary>Whether an assertion is inside.</summary>
    public virtual bool HasAssertion => false;

    /// <summary>Whether it can match without reading a character, assertions aside.</summary>
    public abstract bool CanBeEmpty { get; }

    internal sealed record Chars(CharClass Class) : RegexNode
    {
        public override bool CanBeEmpty => false;
    }

    internal sealed record Sequence(IReadOnlyList<RegexNode> Items) : RegexNode
    {
        public override bool HasAssertion { get; } = Items.Any(static item => item.HasAssertion);

        public override bool CanBeEmpty { get; } = Items.All(static item => item.CanBeEmpty);
    }

    internal sealed record Alternatives(IReadOnlyList<RegexNode> Items) : RegexNode
    {
        public override bool HasAssertion { get; } = Items.Any(static item => item.HasAssertion);

        public override bool CanBeEmpty { get; } = Items.Any(static item => item.CanBeEmpty);
    }

    internal sealed record Repeat(RegexNode Item, int Min, int Max) : RegexNode
    {
        public override bool HasAssertion { get; } = Item.HasAssertion;

        public override bool CanBeEmpty { get; } = Min == 0 || Item.CanBeEmpty;
    }

    /// <summary><c>^</c> and <c>$</c>.</summary>
    internal sealed record Anchor(bool IsEnd) : RegexNode
    {
        public override bool HasAssertion => true;

        public override bool CanBeEmpty => true;
    }

    /// <summary><c>(?=x)</c>, <c>(?!x)</c>, <c>(?&lt;=x)</c> and <c>(?&lt;!x)</c>.</summary>
    internal sealed record Look(RegexNode Item, bool IsNegative, bool IsBehind) : RegexNode
    {
        public override bool HasAssertion => true;

        public override bool CanBeEmpty => true;
    }
}
