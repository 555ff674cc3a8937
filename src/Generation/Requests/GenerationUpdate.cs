using ModelRunner.Abstractions.Requests;
using ModelRunner.Generation.Text;

namespace ModelRunner.Generation.Requests;

/// <summary>One token's outcome, or the end of a choice.</summary>
public readonly record struct GenerationUpdate
{
    /// <summary>The choice, from 0.</summary>
    public int Choice { get; init; }

    /// <summary>The token, or -1 where the update only ends the choice.</summary>
    public int Token { get; init; }

    /// <summary>True for the prompt's own tokens, which come first when their log probabilities are wanted.</summary>
    public bool IsPrompt { get; init; }

    /// <summary>The text that is released by it; the reader returns it.</summary>
    public TextPiece Text { get; init; }

    /// <summary>Log probability of the token; NaN when not asked for, and for the first token of a prompt.</summary>
    public float LogProbability { get; init; }

    /// <summary>The most likely tokens at its place, best first; null when not asked for.</summary>
    public (int Token, float LogProbability)[]? Top { get; init; }

    /// <summary>Why the choice ended, or <see cref="FinishReason.None"/>.</summary>
    public FinishReason FinishReason { get; init; }

    /// <summary>The tokens of the whole request, on its last update; null before.</summary>
    public TokenUsage? Usage { get; init; }
}
