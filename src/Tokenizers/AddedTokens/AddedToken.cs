namespace ModelRunner.Tokenizers.AddedTokens;

/// <summary>A token that is looked for in the text before anything else.</summary>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it is a control token.</summary>
    public bool IsSpecial { get; init; }

    /// <summary>Whether it takes the white space before it along.</summary>
    public bool StripsLeft { get; init; }

    /// <summary>Whether it takes the white space behind it along.</summary>
    public bool StripsRight { get; init; }

    /// <summary>Whether it is only found where no letter touches it.</summary>
    public bool IsSingleWord { get; init; }

    /// <summary>Whether it is looked for in the normalized text, by its own normalized content.</summary>
    public bool IsNormalized { get; init; }
}
