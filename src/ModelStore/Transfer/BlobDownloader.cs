using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Transfer;

/// <summary>
/// Brings a blob into the store: ranges in parallel, appended in order and hashed on the way, so that at any cut the file
/// is a beginning of the blob.
/// </summary>
internal sealed class BlobDownloader(ContentStore store, TransferOptions options, TimeProvider time)
{
    private readonly BlobFetcher _fetcher = new(options, time);

    /// <summary>Downloads a blob, going on where an earlier attempt ended.</summary>
    /// <exception cref="TransferException">The source fails, or what it gives has another digest.</exception>
    /// <exception cref="StoreException">The disk is full.</exception>
    public async Task DownloadAsync(ManifestBlob blob, IBlobSource source, Action<long> progress, CancellationToken cancellationToken)
    {
        while (store.GetBlobSize(blob.Digest) != blob.Size)
        {
            using var partial = store.OpenPartial(blob.Digest, blob.Size, cancellationToken);
            var resumed = partial.Length;
            progress(resumed);
            try
            {
                if (!await FillAsync(partial, blob, source, progress, cancellationToken)) continue;
                if (store.Publish(partial, blob.Digest) is not null) return;
            }
            catch (FileNotFoundException)
            {
                // Another process took the file where locks do not hold: look again.
                continue;
            }
            catch (IOException exception) when (DiskFull.Is(exception))
            {
                partial.Discard();
                throw DiskFull.Error(exception);
            }

            // The beginning may have been wrong: once more from nothing, and then it is the source.
            if (resumed == 0)
                throw new TransferException(TransferException.Corrupt, $"The blob {blob.Digest} came with other bytes than its digest says.");
        }
    }

    private async Task<bool> FillAsync(
        PartialBlob partial, ManifestBlob blob, IBlobSource source, Action<long> progress, CancellationToken cancellationToken)
    {
        using var window = new SegmentWindow(_fetcher, source, options, partial.Length, blob.Size, progress, cancellationToken);
        try
        {
            while (partial.Length < blob.Size)
            {
                var segment = await window.NextAsync();
                if (!partial.TryAppend(segment.Span)) return false;
                window.Return();
            }

            return true;
        }
        catch (RangesIgnoredException)
        {
            await window.StopAsync();
            var isOurs = true;
            await _fetcher.StreamAsync(
                source,
                () => partial.Length,
                blob.Size,
                bytes =>
                {
                    isOurs = isOurs && partial.TryAppend(bytes.Span);
                    if (!isOurs) throw new FileNotFoundException("The partial file is gone.");
                    progress(partial.Length);
                },
                cancellationToken);
            return true;
        }
        finally
        {
            await window.StopAsync();
        }
    }
}
