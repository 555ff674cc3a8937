using System.Formats.Tar;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRunner.Gguf;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Tests;

/// <summary>Brings files into a store as the command line's <c>package</c> does: a GGUF file, or a folder whose files keep their paths.</summary>
internal static class LocalModels
{
    private const string Docker = "application/vnd.docker.ai.";

    public static async Task<StoredModel> AddAsync(
        this ModelTransfers transfers, string path, string name, CancellationToken cancellationToken, int? contextSize = null)
    {
        var isFolder = Directory.Exists(path);
        var files = isFolder ? Directory.GetFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray() : [path];
        using var bytes = new MemoryStream();
        await using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            var layers = new JsonArray();
            foreach (var file in files)
            {
                var layer = await AddBlobAsync(tar, TypeOf(file), await File.ReadAllBytesAsync(file, cancellationToken), cancellationToken);
                if (isFolder) layer["annotations"] = new JsonObject { ["org.cncf.model.filepath"] = Path.GetRelativePath(path, file).Replace('\\', '/') };
                layers.Add((JsonNode)layer);
            }

            var config = new JsonObject { ["config"] = ConfigOf(files, contextSize) };
            var manifest = new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
                ["config"] = await AddBlobAsync(tar, $"{Docker}model.config.{(isFolder ? "v0.2" : "v0.1")}+json", JsonSerializer.SerializeToUtf8Bytes(config), cancellationToken),
                ["layers"] = layers,
            };
            await AddEntryAsync(tar, "manifest.json", JsonSerializer.SerializeToUtf8Bytes(manifest), cancellationToken);
        }

        bytes.Position = 0;
        return await transfers.ImportAsync(bytes, name, null, cancellationToken);
    }

    private static string TypeOf(string file) => Path.GetExtension(file) switch
    {
        ".gguf" => $"{Docker}gguf.v3",
        ".safetensors" => $"{Docker}safetensors",
        _ => $"{Docker}model.file",
    };

    private static JsonObject ConfigOf(string[] files, int? contextSize)
    {
        if (Array.Find(files, file => file.EndsWith(".gguf", StringComparison.Ordinal)) is not { } gguf)
            return new JsonObject { ["format"] = Array.Exists(files, file => file.EndsWith(".safetensors", StringComparison.Ordinal)) ? "safetensors" : "onnx" };
        var facts = GgufModelFacts.From(GgufFile.Read(gguf));
        return new JsonObject { ["format"] = "gguf", ["architecture"] = facts.Architecture, ["quantization"] = facts.Quantization, ["context_size"] = contextSize };
    }

    private static async Task<JsonObject> AddBlobAsync(TarWriter tar, string type, byte[] bytes, CancellationToken cancellationToken)
    {
        var digest = Digest.Of(bytes);
        await AddEntryAsync(tar, $"blobs/sha256/{digest.Hex}", bytes, cancellationToken);
        return new JsonObject { ["mediaType"] = type, ["size"] = bytes.Length, ["digest"] = digest.ToString() };
    }

    private static Task AddEntryAsync(TarWriter tar, string name, byte[] bytes, CancellationToken cancellationToken) =>
        tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) }, cancellationToken);
}
