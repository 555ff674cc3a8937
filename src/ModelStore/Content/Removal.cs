namespace ModelRunner.ModelStore.Content;

/// <summary>What a deletion did.</summary>
/// <param name="Untagged">The names that are gone.</param>
/// <param name="Deleted">The digest of the model that is gone; null when it has other names.</param>
public sealed record Removal(IReadOnlyList<string> Untagged, string? Deleted);
