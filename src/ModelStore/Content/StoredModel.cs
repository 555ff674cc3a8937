using ModelRunner.ModelStore.Artifacts;

namespace ModelRunner.ModelStore.Content;

/// <summary>A model of the store. Immutable; files are where <see cref="ContentStore"/> says.</summary>
public sealed record StoredModel
{
    internal StoredModel(Manifest manifest) => Manifest = manifest;

    /// <summary>The digest of its manifest.</summary>
    public Digest Id => Manifest.Digest;

    /// <summary>Its names, as users wrote them; may be empty.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>What the artifact says about itself.</summary>
    public required ModelConfig Config { get; init; }

    /// <summary>When it was packaged; the Unix epoch where nobody says.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Bytes of its blobs.</summary>
    public long SizeInBytes => Manifest.SizeInBytes;

    internal Manifest Manifest { get; }
}
