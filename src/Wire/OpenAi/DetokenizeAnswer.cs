namespace ModelRunner.Wire.OpenAi;

/// <summary>The text of tokens.</summary>
public sealed record DetokenizeAnswer(string Prompt);
