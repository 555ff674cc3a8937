using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Http;
using ModelRunner.ModelStore.Packaging;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.HuggingFace;

/// <summary>
/// Brings a model of Hugging Face into the store. Files in Git LFS are known by their SHA-256 and resume; the small rest is
/// checked by its Git blob name.
/// </summary>
internal sealed class HubPuller(ContentStore store, TransferHttp http, TransferOptions options, TimeProvider time)
{
    // The Hub keeps nothing larger outside of LFS.
    private const long MaxPlainSize = 32 << 20;

    /// <returns>Whether anything had to be downloaded.</returns>
    public async Task<bool> PullAsync(
        HubReference reference, string name, string? token, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var client = new HubClient(http, reference, token ?? options.HuggingFaceToken, options, time);
        var commit = await client.GetCommitAsync(cancellationToken);
        var selection = HubSelection.Of(reference, await client.ListAsync(commit, cancellationToken));
        if (FindSame(reference, commit, selection) is { } known)
        {
            // The same files of the same commit: nothing to make anew, and the puller checks the blobs.
            var sources = selection.Files.Where(file => file.Lfs is not null).ToDictionary(file => file.Lfs!.Oid!, StringComparer.Ordinal);
            return await new ArtifactPuller(store, options, time).PullAsync(
                known.Manifest,
                name,
                blob => sources.TryGetValue(blob.Digest.Hex, out var file)
                    ? client.GetFile(commit, file.Path!, blob.Size)
                    : throw new StoreException(StoreException.Broken, $"The blob {blob.Digest} is lost. Remove '{name}' and pull it again."),
                progress,
                cancellationToken);
        }

        store.RequireSpace(selection.Files.Where(file => file.Lfs is not null).Sum(file =>
            Digest.TryParseHex(file.Lfs!.Oid, out var digest) && store.GetBlobSize(digest) is null ? file.Lfs.Size - store.GetPartialLength(digest) : 0));

        // Where another collected a blob meanwhile, that is fetched again.
        while ((await store.CommitAsync(await FetchAsync(reference, client, commit, selection, progress, cancellationToken), name, cancellationToken)).Count > 0)
        {
        }

        return true;
    }

    private async Task<Manifest> FetchAsync(
        HubReference reference,
        HubClient client,
        string commit,
        HubSelection selection,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        var total = selection.Files.Sum(SizeOf);
        var builder = new ArtifactBuilder(store, time);
        var isByPath = selection.Format != FileKinds.Gguf;
        ModelConfig? config = null;
        foreach (var file in selection.Files)
        {
            var path = file.Path![selection.Folder.Length..];
            var digest = file.Lfs is null
                ? await FetchPlainAsync(client, commit, file, cancellationToken)
                : await FetchLargeAsync(client, commit, file, total, progress, cancellationToken);

            // While it is young: hours later a collection may have taken it.
            config ??= isByPath ? new ModelConfig { Format = selection.Format, Size = GgufConfig.FormatSize(total) } : GgufConfig.Read(store.GetBlobPath(digest));
            builder.Add(digest, SizeOf(file), isByPath && selection.Format == FileKinds.Onnx ? MediaTypes.ModelFile : TypeOf(file), isByPath ? path : null);
        }

        return builder.Build(config!, isByPath, new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["org.opencontainers.image.revision"] = commit,
            ["org.opencontainers.image.source"] = SourceOf(reference, selection),
        });
    }

    private StoredModel? FindSame(HubReference reference, string commit, HubSelection selection) => store.List().FirstOrDefault(model =>
        model.Manifest.Document.Annotations is { } annotations
        && annotations.GetValueOrDefault("org.opencontainers.image.revision") == commit
        && annotations.GetValueOrDefault("org.opencontainers.image.source") == SourceOf(reference, selection)
        && model.Manifest.Layers.All(layer => store.GetBlobSize(layer.Digest) is not null || selection.Files.Any(file => file.Lfs?.Oid == layer.Digest.Hex)));

    private static string SourceOf(HubReference reference, HubSelection selection) =>
        $"https://huggingface.co/{reference.Owner}/{reference.Repository}/{selection.Folder}{(selection.Format == FileKinds.Gguf ? selection.Files[0].Path : "")}";

    private async Task<Digest> FetchLargeAsync(
        HubClient client, string commit, HubFile file, long total, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        if (!Digest.TryParseHex(file.Lfs!.Oid, out var digest) || file.Lfs.Size is < 0 or > 1L << 46)
            throw new TransferException(TransferException.Unavailable, $"The listing has no SHA-256 for '{file.Path}'.");
        var blob = new ManifestBlob(digest, file.Lfs.Size, TypeOf(file), file.Path);
        if (await store.HasRightBlobAsync(blob, current => Report(current, isVerifying: true), cancellationToken)) return digest;
        await new BlobDownloader(store, options, time).DownloadAsync(
            blob, client.GetFile(commit, file.Path!, blob.Size), current => Report(current, isVerifying: false), cancellationToken);
        return digest;

        void Report(long current, bool isVerifying) =>
            progress?.Report(new TransferProgress(digest.ToString(), blob.Size, current, total, isVerifying));
    }

    private async Task<Digest> FetchPlainAsync(HubClient client, string commit, HubFile file, CancellationToken cancellationToken)
    {
        if (file.Size is < 0 or > MaxPlainSize) throw new TransferException(TransferException.Unavailable, $"'{file.Path}' is too large for a file outside of LFS.");
        var bytes = new byte[file.Size];
        var filled = 0;
        await new BlobFetcher(options, time).StreamAsync(
            client.GetFile(commit, file.Path!, file.Size),
            () => filled,
            file.Size,
            part =>
            {
                part.CopyTo(bytes.AsMemory(filled));
                filled += part.Length;
            },
            cancellationToken);
        if (file.Oid != GitName(bytes))
            throw new TransferException(TransferException.Corrupt, $"The file '{file.Path}' came with other bytes than its commit has.");
        return store.AddBlob(bytes);
    }

#pragma warning disable CA5350 // The name that Git gives the file, not a proof against an attacker.
    private static string GitName(byte[] bytes) =>
        Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {bytes.Length}\0")), .. bytes]));
#pragma warning restore CA5350

    private static long SizeOf(HubFile file) => file.Lfs?.Size ?? file.Size;

    private static string TypeOf(HubFile file) => FileKinds.GetMediaType(file.Path!);
}
