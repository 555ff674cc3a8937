namespace ModelRunner.Wire.OpenAi;

/// <summary>One answer. <c>logprobs</c> is written as null when not asked for, as the schema requires the key.</summary>
public sealed record ChatChoice(int Index, ChatAnswer Message, ChatLogProbabilities? Logprobs, string FinishReason);
