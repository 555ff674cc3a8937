namespace ModelRunner.Wire.OpenAi;

/// <summary>What the generated tokens were.</summary>
/// <param name="ReasoningTokens">Those of the reasoning before the answer.</param>
public sealed record CompletionTokensDetails(int ReasoningTokens);
