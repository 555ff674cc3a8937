using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Requests;

/// <summary>
/// A prompt in tokens and how to continue it. Plain data that could cross a process border: a constraint is its
/// specification, never a delegate.
/// </summary>
public sealed record GenerationRequest
{
    /// <summary>The prompt, at least one token.</summary>
    public required int[] Prompt { get; init; }

    /// <summary>Independent continuations.</summary>
    public int ChoiceCount { get; init; } = 1;

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = SamplingOptions.Default;

    /// <summary>When it ends and what is told.</summary>
    public OutputOptions Output { get; init; } = OutputOptions.Default;

    /// <summary>What the output must follow; null for free text.</summary>
    public ConstraintSpecification? Constraint { get; init; }

    /// <summary>Control tokens that show as text, by their UTF-8: the markers that the answer's parser looks for.</summary>
    public IReadOnlyDictionary<int, ReadOnlyMemory<byte>>? VisibleTokens { get; init; }

    /// <summary>Whether updates with the log probabilities of the prompt's tokens come first.</summary>
    public bool WantsPromptLogProbabilities { get; init; }

    /// <summary>Seed of the draws, chosen by the caller when the client gave none. Choice i draws with Seed + i.</summary>
    public ulong Seed { get; init; }
}
