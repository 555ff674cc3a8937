namespace ModelRunner.Abstractions.Requests;

/// <summary>The prompt that a chat request becomes.</summary>
/// <param name="Text">The text with its markers.</param>
/// <param name="Tokens">The token ids that the model reads.</param>
public sealed record RenderedPrompt(string Text, int[] Tokens);
