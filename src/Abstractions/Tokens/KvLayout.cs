namespace ModelRunner.Abstractions.Tokens;

/// <summary>Where the tokens of a KV cache can go.</summary>
/// <param name="IsPooled">True when all sequences draw from one pool.</param>
/// <param name="Capacity">Tokens of the pool, or of each sequence where there is none.</param>
public readonly record struct KvLayout(bool IsPooled, int Capacity)
{
    /// <summary>One pool of so many tokens.</summary>
    public static KvLayout Pooled(int tokenCount) => new(true, tokenCount);

    /// <summary>So many tokens for each sequence.</summary>
    public static KvLayout PerSequence(int tokenCount) => new(false, tokenCount);
}
