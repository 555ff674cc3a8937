namespace ModelRunner.ModelStore.Artifacts;

/// <summary>A blob as a manifest names it (OCI image specification, descriptor).</summary>
internal sealed record Descriptor
{
    public string? MediaType { get; init; }

    public long Size { get; init; }

    public string? Digest { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Only in an index.</summary>
    public Platform? Platform { get; init; }

    /// <summary>The path that the file has in its model, or null.</summary>
    public string? GetFilePath() => Annotations?.GetValueOrDefault(MediaTypes.FilePath) is { Length: > 0 } path ? path : null;
}
