namespace ModelRunner.Abstractions.Requests;

/// <summary>When generation ends and what is told about it.</summary>
public sealed record OutputOptions
{
    /// <summary>Every setting at its default.</summary>
    public static OutputOptions Default { get; } = new();

    /// <summary>Tokens to generate at most, for each choice; null up to the context length.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Tokens before which neither a stop string nor the end of generation counts.</summary>
    public int MinTokens { get; init; }

    /// <summary>Strings that end the answer and are not part of it.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>Tokens that end the answer and are not part of it.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>Keep going past the model's end of generation, which is never sampled then.</summary>
    public bool IgnoreEndOfGeneration { get; init; }

    /// <summary>Alternatives of each output token to report, or -1 for no log probabilities at all.</summary>
    public int TopLogProbabilityCount { get; init; } = -1;

    /// <summary>Whether the prefix of an earlier sequence may be reused.</summary>
    public bool CachePrompt { get; init; } = true;

    /// <summary>True when log probabilities are wanted.</summary>
    public bool WantsLogProbabilities => TopLogProbabilityCount >= 0;
}
