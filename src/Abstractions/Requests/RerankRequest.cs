namespace ModelRunner.Abstractions.Requests;

/// <summary>A request to score documents against a query.</summary>
/// <param name="Query">The query.</param>
/// <param name="Documents">The documents, never empty.</param>
public sealed record RerankRequest(string Query, IReadOnlyList<string> Documents);
