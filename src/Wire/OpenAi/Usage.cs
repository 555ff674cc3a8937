namespace ModelRunner.Wire.OpenAi;

/// <summary>The tokens that a request took.</summary>
public sealed record Usage(
    int PromptTokens,
    int CompletionTokens,
    int TotalTokens,
    PromptTokensDetails PromptTokensDetails,
    CompletionTokensDetails CompletionTokensDetails);
