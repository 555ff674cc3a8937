namespace ModelRunner.ModelStore.Artifacts;

/// <summary>A model in <c>models.json</c>.</summary>
internal sealed record ModelsEntry
{
    /// <summary>The digest of its manifest.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its names, in lower case but for the tag: Docker Model Runner reads no others. Null where it has none.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The digests of its layers and its configuration.</summary>
    public IReadOnlyList<string>? Files { get; init; }

    /// <summary>Ours: names as users wrote them, where the spelling differs. Others may drop it.</summary>
    public IReadOnlyList<string>? Written { get; init; }
}
