using System.Text.Json;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Artifacts;

/// <summary>A checked manifest of a model: every digest is one, every size is sane. Immutable.</summary>
internal sealed class Manifest
{
    // Far above any model's; bounds what a registry can make us hold.
    public const int MaxSizeInBytes = 4 << 20;
    private const int MaxLayers = 4096;

    private Manifest(Digest digest, byte[] bytes, ManifestDocument document, ManifestBlob config, IReadOnlyList<ManifestBlob> layers)
    {
        Digest = digest;
        Bytes = bytes;
        Document = document;
        Config = config;
        Layers = layers;
    }

    public Digest Digest { get; }

    /// <summary>The JSON as it came: its digest is the model's identity.</summary>
    public byte[] Bytes { get; }

    public ManifestDocument Document { get; }

    public ManifestBlob Config { get; }

    public IReadOnlyList<ManifestBlob> Layers { get; }

    /// <summary>The layers and then the configuration, each digest once.</summary>
    public IEnumerable<ManifestBlob> Blobs => Layers.Append(Config).DistinctBy(blob => blob.Digest);

    public long SizeInBytes => Blobs.Sum(blob => blob.Size);

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="StoreException">It is none, or none of a model.</exception>
    public static Manifest Parse(byte[] bytes)
    {
        ManifestDocument? document;
        try
        {
            document = bytes.Length <= MaxSizeInBytes ? JsonSerializer.Deserialize(bytes, OciJson.Default.ManifestDocument) : null;
        }
        catch (JsonException exception)
        {
            throw new StoreException(StoreException.Unsupported, "The manifest is not JSON of an OCI manifest.", exception);
        }

        if (document is not { Config: { } config, Layers: { Count: > 0 and <= MaxLayers } layers })
            throw Wrong("has no configuration, no layers, or too many");
        if (!MediaTypes.IsModelConfig(config.MediaType))
            throw Wrong($"is not one of a model: its configuration is of the type '{config.MediaType}'");
        return new Manifest(Digest.Of(bytes), bytes, document, Check(config), [.. layers.Select(Check)]);
    }

    private static ManifestBlob Check(Descriptor? descriptor)
    {
        if (descriptor is null || !Digest.TryParse(descriptor.Digest, out var digest)) throw Wrong($"names '{descriptor?.Digest}', which is no SHA-256 digest");
        if (descriptor.Size is < 0 or > 1L << 46) throw Wrong($"gives {digest} a size of {descriptor.Size} bytes");
        return new ManifestBlob(digest, descriptor.Size, descriptor.MediaType ?? "", descriptor.GetFilePath());
    }

    private static StoreException Wrong(string what) => new(StoreException.Unsupported, $"The manifest {what}.");
}
