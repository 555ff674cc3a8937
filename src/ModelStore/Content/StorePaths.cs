namespace ModelRunner.ModelStore.Content;

/// <summary>The places of Docker Model Runner's layout. Nothing but a <see cref="Digest"/> leads below the root.</summary>
internal sealed class StorePaths(string root)
{
    public const string PartialEnd = ".incomplete";

    public string Root { get; } = Path.GetFullPath(root);

    public string Layout => Path.Combine(Root, "layout.json");

    public string Index => Path.Combine(Root, "models.json");

    public string Lock => Path.Combine(Root, ".lock");

    public string Blobs => Path.Combine(Root, "blobs", "sha256");

    public string Manifests => Path.Combine(Root, "manifests", "sha256");

    public string Bundles => Path.Combine(Root, "bundles", "sha256");

    /// <summary>All folders, each after the one that holds it.</summary>
    public IEnumerable<string> Folders =>
        new[] { Blobs, Manifests, Bundles }.SelectMany(folder => new[] { Path.GetDirectoryName(folder)!, folder });

    public string Blob(Digest digest) => Path.Combine(Blobs, digest.Hex);

    public string Manifest(Digest digest) => Path.Combine(Manifests, digest.Hex);

    public string Bundle(Digest digest) => Path.Combine(Bundles, digest.Hex);

    /// <summary>A name for bytes that are on their way, which no other process has.</summary>
    public string NewPartial(Digest? digest) => Path.Combine(Blobs, $"{digest?.Hex ?? "new"}.{Guid.NewGuid():N}{PartialEnd}");

    /// <summary>Whether a file in <see cref="Blobs"/> holds the first bytes of the blob; Docker's have no middle part.</summary>
    public static bool IsPartialOf(string fileName, Digest digest) =>
        fileName.EndsWith(PartialEnd, StringComparison.Ordinal) && fileName.StartsWith(digest.Hex, StringComparison.Ordinal);
}
