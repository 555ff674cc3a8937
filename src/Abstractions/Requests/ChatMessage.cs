namespace ModelRunner.Abstractions.Requests;

/// <summary>One message of a conversation: the typed view, and the request's own JSON text beside it.</summary>
public sealed record ChatMessage
{
    /// <summary><c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The text, all text parts joined; null when the message has none.</summary>
    public string? Content { get; init; }

    /// <summary>The calls that an assistant message made, in order.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>The call that a <c>tool</c> message answers; null on others.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The reasoning that an earlier answer carried; null without.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>The whole message as the client wrote it; absent when it did not come by JSON.</summary>
    public JsonText Json { get; init; }
}
