namespace ModelRunner.ModelStore.Artifacts;

/// <summary>The JSON of <c>models.json</c>: the models of a store.</summary>
internal sealed record ModelsDocument
{
    public IReadOnlyList<ModelsEntry> Models { get; init; } = [];
}
