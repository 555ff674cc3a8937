namespace ModelRunner.ModelStore.Artifacts;

/// <summary>Where a model comes from; ModelPack writes the time under another name.</summary>
internal sealed record ConfigProvenance
{
    public DateTimeOffset? Created { get; init; }
}
