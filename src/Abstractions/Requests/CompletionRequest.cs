namespace ModelRunner.Abstractions.Requests;

/// <summary>A request to continue one prompt. A wire request with several prompts becomes several of these.</summary>
public sealed record CompletionRequest
{
    /// <summary>The prompt.</summary>
    public required PromptInput Prompt { get; init; }

    /// <summary>Whether the prompt stands before the output.</summary>
    public bool Echo { get; init; }

    /// <summary>What the output must follow; null for free text.</summary>
    public ConstraintSpecification? Constraint { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = SamplingOptions.Default;

    /// <summary>When it ends and what is told. With <see cref="Echo"/>, log probabilities cover the prompt too.</summary>
    public OutputOptions Output { get; init; } = OutputOptions.Default;

    /// <summary>Independent continuations.</summary>
    public int ChoiceCount { get; init; } = 1;
}
