namespace ModelRunner.Wire.OpenAi;

/// <summary>The answer to an embedding request.</summary>
/// <param name="Object">Always <c>list</c>.</param>
/// <param name="Data">One for each input, in their order.</param>
/// <param name="Model">The model's name as the client wrote it.</param>
/// <param name="Usage">The tokens of the inputs.</param>
public sealed record EmbeddingList(
    string Object,
    IReadOnlyList<EmbeddingObject> Data,
    string Model,
    EmbeddingUsage Usage);
