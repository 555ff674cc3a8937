namespace ModelRunner.Wire.OpenAi;

/// <summary>What is new in one answer of a stream.</summary>
public sealed record ChatChunkChoice(
    int Index,
    ChatDelta Delta,
    ChatLogProbabilities? Logprobs,
    string? FinishReason);
