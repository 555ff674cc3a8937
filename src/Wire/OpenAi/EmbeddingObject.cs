namespace ModelRunner.Wire.OpenAi;

/// <summary>The vector of one input.</summary>
/// <param name="Object">Always <c>embedding</c>.</param>
/// <param name="Index">The place of the input.</param>
/// <param name="Embedding">The vector.</param>
public sealed record EmbeddingObject(string Object, int Index, EmbeddingVector Embedding);
