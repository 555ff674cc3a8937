namespace ModelRunner.Wire.OpenAi;

/// <summary>The tokens that an embedding request took.</summary>
public sealed record EmbeddingUsage(int PromptTokens, int TotalTokens);
