namespace ModelRunner.Abstractions.Requests;

/// <summary>
/// How a token is chosen from logits. Plain data; bounds are checked where the request enters. Defaults are
/// OpenAI's, with every extension off.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>OpenAI's defaults.</summary>
    public static SamplingOptions Default { get; } = new();

    /// <summary>The most likely token, always.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Divides the logits; 0 is greedy.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps the k most likely; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the smallest set of most likely tokens whose probability reaches p; 1 keeps all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keeps tokens of at least p times the probability of the best (arXiv 2407.01082); 0 keeps all.</summary>
    public float MinP { get; init; }

    /// <summary>Locally typical sampling (arXiv 2202.00666); 1 keeps all.</summary>
    public float TypicalP { get; init; } = 1;

    /// <summary>Divides positive and multiplies negative logits of seen tokens (arXiv 1909.05858); 1 is off.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted once for each time that a token was generated; 0 is off.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Subtracted from each token that was generated at all; 0 is off.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>
    /// How many of the last tokens <see cref="RepetitionPenalty"/> looks at, the prompt included; -1 is all, 0 none.
    /// </summary>
    public int PenaltyWindow { get; init; } = -1;

    /// <summary>Added to the logits of single tokens before all else; -100 and below forbids.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    /// <summary>Makes the draw repeatable; null takes a fresh seed.</summary>
    public long? Seed { get; init; }
}
