using System.Formats.Tar;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Archive;

/// <summary>
/// Reads a model from a tar of that form, as it streams in. A blob counts by its digest, which is checked; other entries are
/// passed over, and no name of an entry becomes a path.
/// </summary>
internal static class TarImport
{
    private const int MaxEntries = 10_000;

    /// <exception cref="InvalidRequestException">It is no tar of a model.</exception>
    /// <exception cref="TransferException">A blob is not what its name says.</exception>
    /// <exception cref="StoreException">A blob was removed before the rest had come.</exception>
    public static async Task<Manifest> ReadAsync(
        ContentStore store, Stream source, string? name, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        Manifest? manifest = null;
        var added = new HashSet<Digest>();
        try
        {
            await using var tar = new TarReader(source, leaveOpen: true);
            for (var count = 0; await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry; count++)
            {
                if (count >= MaxEntries) throw Wrong($"it has more than {MaxEntries} entries");
                if (entry is not { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile, DataStream: { } content }) continue;
                var path = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
                if (path == TarExport.ManifestName) manifest = await ReadManifestAsync(content, entry.Length, cancellationToken);
                else if (path.StartsWith(TarExport.BlobFolder, StringComparison.Ordinal) && Digest.TryParseHex(path[TarExport.BlobFolder.Length..], out var digest))
                {
                    await AddAsync(store, digest, content, entry.Length, progress, cancellationToken);
                    added.Add(digest);
                }
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
        {
            throw Wrong("it is cut short, or no tar");
        }

        if (manifest is null) throw Wrong("it has no manifest.json");
        var missing = await store.CommitAsync(manifest, name, cancellationToken);
        return missing.Count == 0 ? manifest
            : added.Contains(missing[0].Digest)
            ? throw new StoreException(StoreException.Conflict, $"The blob {missing[0].Digest} was removed while the archive came. Send it again.")
            : throw Wrong($"it lacks the blob {missing[0].Digest}");
    }

    private static async Task AddAsync(
        ContentStore store, Digest digest, Stream content, long length, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        store.RequireSpace(length);
        if (await store.AddBlobAsync(
            content, digest, current => progress?.Report(new TransferProgress(digest.ToString(), length, current, length)), cancellationToken) is null)
            throw new TransferException(TransferException.Corrupt, $"The blob {digest} of the archive has other bytes than its digest says.");
    }

    private static async Task<Manifest> ReadManifestAsync(Stream content, long length, CancellationToken cancellationToken)
    {
        if (length > Manifest.MaxSizeInBytes) throw Wrong("its manifest.json is too large");
        var bytes = new byte[length];
        await content.ReadExactlyAsync(bytes, cancellationToken);
        return Manifest.Parse(bytes);
    }

    private static InvalidRequestException Wrong(string why) => new($"The archive is no model: {why}.");
}
