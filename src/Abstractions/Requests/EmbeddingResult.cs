namespace ModelRunner.Abstractions.Requests;

/// <summary>Vectors in the order of the inputs, each of Euclidean length 1.</summary>
/// <param name="Vectors">One for each input.</param>
/// <param name="TokenCount">Tokens over all inputs.</param>
public sealed record EmbeddingResult(IReadOnlyList<float[]> Vectors, int TokenCount);
