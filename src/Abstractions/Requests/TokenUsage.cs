namespace ModelRunner.Abstractions.Requests;

/// <summary>Tokens that a request took.</summary>
/// <param name="PromptTokenCount">Tokens of the prompt, once whatever the number of choices.</param>
/// <param name="CachedTokenCount">How many of them were reused instead of computed.</param>
/// <param name="CompletionTokenCount">Tokens generated, over all choices.</param>
/// <param name="ReasoningTokenCount">How many of them were reasoning.</param>
public readonly record struct TokenUsage(
    int PromptTokenCount,
    int CachedTokenCount,
    int CompletionTokenCount,
    int ReasoningTokenCount = 0)
{
    /// <summary>Prompt and completion.</summary>
    public int TotalTokenCount => PromptTokenCount + CompletionTokenCount;
}
