namespace ModelRunner.ModelStore.Artifacts;

/// <summary>The JSON of an OCI image index: manifests to choose from.</summary>
internal sealed record IndexDocument
{
    public IReadOnlyList<Descriptor?>? Manifests { get; init; }

    /// <summary>
    /// The model's manifest: of this machine's platform, else of none or any that has a name, in the order of the index.
    /// Attestations, which builders list under an unknown platform, and nested indexes are no models.
    /// </summary>
    public Descriptor? Choose()
    {
        var models = (Manifests ?? [])
            .OfType<Descriptor>()
            .Where(entry => string.IsNullOrEmpty(entry.MediaType) || entry.MediaType is MediaTypes.OciManifest or MediaTypes.DockerManifest or MediaTypes.ModelPackManifest)
            .Where(entry => entry.Platform?.Architecture != Platform.Unknown)
            .ToList();
        return models.Find(entry => entry.Platform == Platform.Here) ?? models.Find(entry => entry.Platform is null) ?? models.FirstOrDefault();
    }
}
