using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ModelRunner.Cli.Packaging;

/// <summary>
/// A model of local files as the server's <c>POST /models/load</c> takes it: a tar of blobs and a manifest, in Docker Model
/// Runner's form.
/// </summary>
/// <param name="files">The files, in their order.</param>
/// <param name="config">What is known of the model.</param>
/// <param name="isByPath">Whether the files keep their paths.</param>
internal sealed class Package(IReadOnlyList<PackageFile> files, JsonObject config, bool isByPath)
{
    private const string ConfigType = "application/vnd.docker.ai.model.config.";

    /// <summary>Bytes of the files.</summary>
    public long SizeInBytes => files.Sum(file => file.Size);

    /// <summary>Reads the files for their digests, which stand before them in the tar's names.</summary>
    /// <param name="progress">Receives the bytes so far.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<string>> HashAsync(Action<long> progress, CancellationToken cancellationToken)
    {
        var hashes = new List<string>();
        long before = 0;
        foreach (var file in files)
        {
            var start = before;
            hashes.Add(await file.HashAsync(count => progress(start + count), cancellationToken));
            before += file.Size;
        }

        return hashes;
    }

    /// <summary>Writes the tar.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="hashes">What <see cref="HashAsync"/> gave.</param>
    /// <param name="created">When the model was made.</param>
    /// <param name="progress">Receives the bytes of the files so far.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WriteAsync(
        Stream target, IReadOnlyList<string> hashes, DateTimeOffset created, Action<long> progress, CancellationToken cancellationToken)
    {
        var layers = new JsonArray();
        foreach (var (file, hash) in files.Zip(hashes))
        {
            var layer = Describe(file.MediaType, file.Size, hash);
            if (file.Name is not null) layer["annotations"] = new JsonObject { ["org.cncf.model.filepath"] = file.Name };
            layers.Add((JsonNode)layer);
        }

        var document = new JsonObject
        {
            ["config"] = config.DeepClone(),
            ["descriptor"] = new JsonObject { ["created"] = created.ToString("O") },
            ["rootfs"] = new JsonObject { ["type"] = "rootfs", ["diff_ids"] = new JsonArray([.. layers.Select(layer => layer!["digest"]!.DeepClone())]) },
        };
        var json = Encoding.UTF8.GetBytes(document.ToJsonString());
        var configHash = Convert.ToHexStringLower(SHA256.HashData(json));
        await using var tar = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true);
        long done = 0;
        foreach (var (file, hash) in files.Zip(hashes))
        {
            var start = done;
            await using var stream = file.Open(count => progress(start + count));
            await AddAsync(tar, BlobName(hash), stream, cancellationToken);
            done += file.Size;
        }

        await AddAsync(tar, BlobName(configHash), new MemoryStream(json), cancellationToken);
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = Describe($"{ConfigType}{(isByPath ? "v0.2" : "v0.1")}+json", json.Length, configHash),
            ["layers"] = layers,
        };
        await AddAsync(tar, "manifest.json", new MemoryStream(Encoding.UTF8.GetBytes(manifest.ToJsonString())), cancellationToken);
    }

    private static JsonObject Describe(string type, long size, string hash) =>
        new() { ["mediaType"] = type, ["size"] = size, ["digest"] = $"sha256:{hash}" };

    private static string BlobName(string hash) => $"blobs/sha256/{hash}";

    private static async Task AddAsync(TarWriter tar, string name, Stream content, CancellationToken cancellationToken) =>
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content }, cancellationToken);
}
