namespace ModelRunner.Tokenizers.Models;

/// <summary>What a byte-pair model is told beside its vocabulary and merges.</summary>
internal sealed record BpeOptions
{
    /// <summary>The token of what the vocabulary lacks; null leaves it out.</summary>
    public string? Unknown { get; init; }

    /// <summary>Written before every symbol but a word's first.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Written behind a word's last symbol.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>Whether unknown characters in a row are one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether an unknown character becomes its bytes, <c>&lt;0xHH&gt;</c> each.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a piece that is a token is taken whole, whatever the merges say.</summary>
    public bool IgnoreMerges { get; init; }
}
