namespace ModelRunner.ModelStore.Artifacts;

/// <summary>The JSON of an OCI image manifest.</summary>
internal sealed record ManifestDocument
{
    public int SchemaVersion { get; init; } = 2;

    public string? MediaType { get; init; }

    public string? ArtifactType { get; init; }

    public Descriptor? Config { get; init; }

    public IReadOnlyList<Descriptor?>? Layers { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
