namespace ModelRunner.Abstractions.Requests;

/// <summary>Text or token ids: exactly one of the two.</summary>
/// <param name="Text">The text, or null.</param>
/// <param name="Tokens">The token ids, or null.</param>
public readonly record struct PromptInput(string? Text, IReadOnlyList<int>? Tokens)
{
    /// <summary>A prompt of text.</summary>
    public static PromptInput FromText(string text) => new(text, null);

    /// <summary>A prompt of token ids.</summary>
    public static PromptInput FromTokens(IReadOnlyList<int> tokens) => new(null, tokens);
}
