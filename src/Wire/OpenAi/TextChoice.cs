namespace ModelRunner.Wire.OpenAi;

/// <summary>One continuation.</summary>
public sealed record TextChoice(int Index, string Text, TextLogProbabilities? Logprobs, string? FinishReason);
