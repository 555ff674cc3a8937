namespace ModelRunner.Abstractions.Requests;

/// <summary>Scores in the order of the documents; higher is more relevant.</summary>
/// <param name="Scores">One for each document.</param>
/// <param name="TokenCount">Tokens over query and documents.</param>
public sealed record RerankResult(IReadOnlyList<float> Scores, int TokenCount);
