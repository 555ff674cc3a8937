using System.Formats.Tar;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Archive;

/// <summary>Writes a model as a tar, in the form of Docker Model Runner: <c>blobs/sha256/HEX</c> each, then <c>manifest.json</c>.</summary>
internal static class TarExport
{
    public const string ManifestName = "manifest.json";
    public const string BlobFolder = "blobs/sha256/";

    public static async Task WriteAsync(ContentStore store, StoredModel model, Stream target, CancellationToken cancellationToken)
    {
        await using var tar = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var blob in model.Manifest.Blobs)
        {
            await using var content = store.OpenBlob(blob.Digest);
            await tar.WriteEntryAsync(Entry(BlobFolder + blob.Digest.Hex, content, model), cancellationToken);
        }

        using var manifest = new MemoryStream(model.Manifest.Bytes, writable: false);
        await tar.WriteEntryAsync(Entry(ManifestName, manifest, model), cancellationToken);
    }

    private static PaxTarEntry Entry(string name, Stream content, StoredModel model) =>
        new(TarEntryType.RegularFile, name) { DataStream = content, ModificationTime = model.CreatedAt };
}
