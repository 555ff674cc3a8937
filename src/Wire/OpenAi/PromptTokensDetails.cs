namespace ModelRunner.Wire.OpenAi;

/// <summary>How the prompt's tokens were had.</summary>
/// <param name="CachedTokens">Those that were reused instead of computed.</param>
public sealed record PromptTokensDetails(int CachedTokens);
