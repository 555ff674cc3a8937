namespace ModelRunner.Wire.OpenAi;

/// <summary>The tokens of a text.</summary>
public sealed record TokenizeAnswer(IReadOnlyList<int> Tokens, int Count);
