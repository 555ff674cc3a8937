namespace ModelRunner.Wire.OpenAi;

/// <summary>Log probabilities of a chat answer.</summary>
public sealed record ChatLogProbabilities(IReadOnlyList<ChatTokenLogProbability> Content, object? Refusal = null);
