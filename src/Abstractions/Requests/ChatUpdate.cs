namespace ModelRunner.Abstractions.Requests;

/// <summary>
/// A piece of a chat answer. A struct over pooled memory: <see cref="Text"/> is valid until the next update is
/// asked for.
/// </summary>
public readonly record struct ChatUpdate
{
    /// <summary>What it carries.</summary>
    public ChatUpdateKind Kind { get; init; }

    /// <summary>The choice, from 0.</summary>
    public int ChoiceIndex { get; init; }

    /// <summary>UTF-8 of whole characters; may be empty.</summary>
    public ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>The call within the choice, from 0.</summary>
    public int ToolCallIndex { get; init; }

    /// <summary>Id and name at the start of a call; null otherwise.</summary>
    public ChatToolCall? ToolCall { get; init; }

    /// <summary>The chosen token and its log probability, when asked for; null otherwise.</summary>
    public TokenLogProbability? LogProbability { get; init; }

    /// <summary>The most likely tokens at its place, best first, when asked for.</summary>
    public IReadOnlyList<TokenLogProbability>? TopLogProbabilities { get; init; }

    /// <summary>Why the choice ended, on <see cref="ChatUpdateKind.Finish"/>.</summary>
    public FinishReason FinishReason { get; init; }

    /// <summary>The tokens of the whole request, on the last update; null before.</summary>
    public TokenUsage? Usage { get; init; }
}
