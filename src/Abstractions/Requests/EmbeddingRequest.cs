namespace ModelRunner.Abstractions.Requests;

/// <summary>A request for vectors.</summary>
/// <param name="Inputs">Texts or token ids, never empty.</param>
/// <param name="Dimensions">Leading components to keep, normalised again; null keeps all.</param>
public sealed record EmbeddingRequest(IReadOnlyList<PromptInput> Inputs, int? Dimensions = null);
