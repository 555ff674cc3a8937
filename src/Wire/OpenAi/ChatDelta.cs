namespace ModelRunner.Wire.OpenAi;

/// <summary>More of a message; each key is there only when it has something new.</summary>
public sealed record ChatDelta(
    string? Role = null,
    string? Content = null,
    string? ReasoningContent = null,
    IReadOnlyList<ToolCallDelta>? ToolCalls = null);
