using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Transfer;

/// <summary>Brings a model, of which the manifest is known, into the store.</summary>
/// <remarks>
/// <list type="number">
/// <item>Hash the blobs that are there, and take away what is wrong.</item>
/// <item>See that the rest will fit on the disk.</item>
/// <item>Download what is missing.</item>
/// <item>Commit; where another removed a shared blob meanwhile, download that and try again.</item>
/// </list>
/// </remarks>
internal sealed class ArtifactPuller(ContentStore store, TransferOptions options, TimeProvider time)
{
    private readonly BlobDownloader _downloader = new(store, options, time);

    /// <returns>Whether anything had to be downloaded.</returns>
    /// <exception cref="StoreException">The manifest and a stored blob contradict one another, or it does not fit on the disk.</exception>
    public async Task<bool> PullAsync(
        Manifest manifest,
        string? name,
        Func<ManifestBlob, IBlobSource> getSource,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        // Step 1
        var missing = new List<ManifestBlob>();
        foreach (var blob in manifest.Blobs)
            if (!await store.HasRightBlobAsync(blob, current => Report(progress, manifest, blob, current, isVerifying: true), cancellationToken))
                missing.Add(blob);

        // Step 2
        var hasDownloaded = missing.Count > 0;
        store.RequireSpace(missing.Sum(blob => blob.Size) - missing.Sum(blob => store.GetPartialLength(blob.Digest)));
        do
        {
            // Step 3
            foreach (var blob in missing)
                await _downloader.DownloadAsync(
                    blob, getSource(blob), current => Report(progress, manifest, blob, current, isVerifying: false), cancellationToken);

            // Step 4
            missing = [.. await store.CommitAsync(manifest, name, cancellationToken)];
        }
        while (missing.Count > 0);

        return hasDownloaded;
    }

    private static void Report(IProgress<TransferProgress>? progress, Manifest manifest, ManifestBlob blob, long current, bool isVerifying) =>
        progress?.Report(new TransferProgress(blob.Digest.ToString(), blob.Size, current, manifest.SizeInBytes, isVerifying));
}
