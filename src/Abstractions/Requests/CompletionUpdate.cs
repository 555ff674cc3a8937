namespace ModelRunner.Abstractions.Requests;

/// <summary>
/// A piece of a completion. A struct over pooled memory: <see cref="Text"/> is valid until the next update is
/// asked for. With echo, the updates of the prompt's tokens come first.
/// </summary>
public readonly record struct CompletionUpdate
{
    /// <summary>The choice, from 0.</summary>
    public int ChoiceIndex { get; init; }

    /// <summary>UTF-8 of whole characters; may be empty.</summary>
    public ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>The token and its log probability, when asked for; null otherwise.</summary>
    public TokenLogProbability? LogProbability { get; init; }

    /// <summary>The most likely tokens at its place, best first, when asked for.</summary>
    public IReadOnlyList<TokenLogProbability>? TopLogProbabilities { get; init; }

    /// <summary>Why the choice ended, or <see cref="FinishReason.None"/>.</summary>
    public FinishReason FinishReason { get; init; }

    /// <summary>The tokens of the whole request, on the last update; null before.</summary>
    public TokenUsage? Usage { get; init; }
}
