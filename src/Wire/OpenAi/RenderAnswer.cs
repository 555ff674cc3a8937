namespace ModelRunner.Wire.OpenAi;

/// <summary>The prompt that a chat request becomes.</summary>
public sealed record RenderAnswer(string Prompt, IReadOnlyList<int> Tokens, int Count);
