namespace ModelRunner.Abstractions.Requests;

/// <summary>What may stand before the output that a grammar speaks of: reasoning, and markers of channels.</summary>
/// <param name="Open">What begins the reasoning; empty where a model has none.</param>
/// <param name="Close">What ends it.</param>
/// <param name="IsOpen">Whether the prompt has begun it, so that the output must end it.</param>
/// <param name="Markers">What may come between the reasoning and the output, or without reasoning before it.</param>
public sealed record ConstraintPreamble(string Open, string Close, bool IsOpen, IReadOnlyList<string> Markers)
{
    /// <summary>Tokens of reasoning after which <see cref="Close"/> is forced; null for no bound.</summary>
    public int? TokenBudget { get; init; }
}
