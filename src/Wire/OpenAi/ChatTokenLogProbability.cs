namespace ModelRunner.Wire.OpenAi;

/// <summary>A generated token. The text of an incomplete character is lossy; the bytes are exact.</summary>
public sealed record ChatTokenLogProbability(
    string Token,
    float Logprob,
    IReadOnlyList<int> Bytes,
    IReadOnlyList<ChatTopLogProbability> TopLogprobs);
