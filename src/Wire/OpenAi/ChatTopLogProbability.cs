namespace ModelRunner.Wire.OpenAi;

/// <summary>A token that was likely at the place of another.</summary>
public sealed record ChatTopLogProbability(string Token, float Logprob, IReadOnlyList<int> Bytes);
