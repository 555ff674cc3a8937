namespace ModelRunner.Server.Requests;

/// <summary>The limits of what a request may ask for, where OpenAI's schema names none.</summary>
internal static class Bounds
{
    /// <summary>A model's name, in characters.</summary>
    public const int MaxNameLength = 512;

    /// <summary>A registry's bearer token, in characters.</summary>
    public const int MaxTokenLength = 16_384;

    /// <summary>Messages of a conversation.</summary>
    public const int MaxMessages = 16_384;

    /// <summary>Parts of a message's content, and calls of a message.</summary>
    public const int MaxParts = 1_024;

    /// <summary>OpenAI's bound of <c>n</c>.</summary>
    public const int MaxChoices = 128;

    /// <summary>OpenAI's bound of <c>best_of</c>.</summary>
    public const int MaxBestOf = 20;

    /// <summary>Prompts of one completion request, and with their choices the sequences that it makes.</summary>
    public const int MaxSequences = 256;

    /// <summary>Token ids of one prompt.</summary>
    public const int MaxPromptTokens = 4 << 20;

    /// <summary>Stop strings: more than OpenAI's 4, because editors send those of many languages.</summary>
    public const int MaxStops = 128;

    /// <summary>Characters of all stop strings: each becomes a state of what looks for them.</summary>
    public const int MaxStopsLength = 16_384;

    /// <summary>Characters of a stop string.</summary>
    public const int MaxStopLength = 1_024;

    /// <summary>Texts of which one is the answer, in <c>guided_choice</c>.</summary>
    public const int MaxChoiceTexts = 10_000;

    /// <summary>Entries of <c>logit_bias</c>.</summary>
    public const int MaxLogitBias = 1_024;

    /// <summary>OpenAI's bound of <c>top_logprobs</c>.</summary>
    public const int MaxTopLogProbabilities = 20;

    /// <summary>OpenAI's bound of the inputs of one embedding request.</summary>
    public const int MaxEmbeddingInputs = 2_048;

    /// <summary>Components of a vector: more than any model has.</summary>
    public const int MaxDimensions = 1 << 16;

    /// <summary>Fields of a body, those that nobody knows included.</summary>
    public const int MaxFields = 512;

    /// <summary>Characters of a text inside the body: the body's own bound holds first.</summary>
    public const int MaxTextLength = int.MaxValue;
}
