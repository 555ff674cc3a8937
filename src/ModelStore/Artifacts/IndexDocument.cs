namespace ModelRunner.ModelStore.Artifacts;

/// <summary>The JSON of an OCI image index: manifests to choose from.</summary>
internal sealed record IndexDocument
{
    public IReadOnlyList<Descriptor>? Manifests { get; init; }
}
