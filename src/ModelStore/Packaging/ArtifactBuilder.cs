using System.Text.Json;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Packaging;

/// <summary>Writes the configuration and the manifest over layers that are stored, as Docker Model Runner does. Used by one task.</summary>
internal sealed class ArtifactBuilder(ContentStore store, TimeProvider time)
{
    private readonly List<Descriptor> _layers = [];

    /// <summary>Adds a stored blob.</summary>
    public void Add(Digest digest, long size, string mediaType, string? filePath) => _layers.Add(new Descriptor
    {
        MediaType = mediaType,
        Size = size,
        Digest = digest.ToString(),
        Annotations = filePath is null ? null : new SortedDictionary<string, string>(StringComparer.Ordinal) { [MediaTypes.FilePath] = filePath },
    });

    /// <summary>Makes the manifest.</summary>
    /// <param name="config">What is known of the model.</param>
    /// <param name="isByPath">Whether the files keep their paths (v0.2), or are known by their types (v0.1).</param>
    /// <param name="annotations">Where it comes from; null for nothing.</param>
    public Manifest Build(ModelConfig config, bool isByPath, IReadOnlyDictionary<string, string>? annotations = null)
    {
        var document = new ConfigDocument
        {
            Config = config,
            Descriptor = new ConfigProvenance { Created = time.GetUtcNow() },
            Rootfs = new ConfigFiles { DiffIds = [.. _layers.Select(layer => layer.Digest!)] },
        };
        var json = JsonSerializer.SerializeToUtf8Bytes(document, StoreJson.Default.ConfigDocument);
        var manifest = new ManifestDocument
        {
            MediaType = MediaTypes.OciManifest,
            Config = new Descriptor
            {
                MediaType = isByPath ? MediaTypes.ConfigV02 : MediaTypes.ConfigV01,
                Size = json.Length,
                Digest = store.AddBlob(json).ToString(),
            },
            Layers = _layers,
            Annotations = annotations,
        };
        return Manifest.Parse(JsonSerializer.SerializeToUtf8Bytes(manifest, OciJson.Default.ManifestDocument));
    }
}
