using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Content;

// The check of everything, and the collection of what nobody names.
public sealed partial class ContentStore
{
    /// <summary>Hashes everything that is stored.</summary>
    /// <param name="repair">Takes away what is wrong, so that the next pull of a model brings that alone.</param>
    /// <param name="progress">Receives the bytes so far, a layer for each blob.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public async Task<StoreReport> CheckAsync(bool repair, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var faults = new List<StoreFault>();
        var bad = new HashSet<Digest>();
        long done = 0;
        var blobs = ListBlobs();
        var total = blobs.Sum(blob => blob.Size);
        foreach (var (digest, size) in blobs)
        {
            var isWrong = await CheckBlobAsync(
                digest,
                repair,
                count => progress?.Report(new TransferProgress(digest.ToString(), size, count, total, IsVerifying: true)),
                cancellationToken);
            if (isWrong && bad.Add(digest)) faults.Add(new StoreFault(StoreFaultKind.WrongBlob, digest.ToString(), NamesOf(digest)));
            done += size;
        }

        foreach (var entry in ReadIndex().Models)
        {
            if (!Digest.TryParse(entry.Id, out var id) || ReadManifest(id) is not { } manifest)
                faults.Add(new StoreFault(StoreFaultKind.WrongManifest, entry.Id, Names.Of(entry)));
            else
                faults.AddRange(manifest.Blobs
                    .Where(blob => !bad.Contains(blob.Digest) && GetBlobSize(blob.Digest) != blob.Size)
                    .Select(blob => new StoreFault(StoreFaultKind.MissingBlob, blob.Digest.ToString(), Names.Of(entry))));
        }

        return new StoreReport(done, faults);
    }

    /// <summary>Removes blobs, manifests and bundles that no model names, and beginnings of blobs that nobody goes on with.</summary>
    /// <param name="all">Also young blobs, but for those that a process is writing: a transfer that runs meanwhile fetches what it had finished again.</param>
    /// <param name="cancellationToken">Ends the wait for others.</param>
    /// <returns>Bytes of the files that went.</returns>
    public Task<long> CollectAsync(bool all, CancellationToken cancellationToken) =>
        all ? CollectAsync(TimeSpan.Zero, TimeSpan.Zero, cancellationToken) : CollectAsync(Grace, PartialAge, cancellationToken);

    internal async Task<long> CollectAsync(TimeSpan grace, TimeSpan partialAge, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        var models = ReadIndex().Models;
        var kept = models.Select(entry => entry.Id).Concat(models.SelectMany(entry => entry.Files ?? [])).ToHashSet(StringComparer.Ordinal);
        long freed = 0;
        foreach (var name in _files.ListFiles(_paths.Blobs))
        {
            var path = Path.Combine(_paths.Blobs, name);
            if (Digest.TryParseHex(name, out var digest) ? !kept.Contains(digest.ToString()) && IsOlder(path, grace)
                : IsTemporary(name) && IsOlder(path, partialAge) && IsLeft(path))
                Delete(path);
        }

        foreach (var name in _files.ListFiles(_paths.Manifests))
        {
            var path = Path.Combine(_paths.Manifests, name);
            if (Digest.TryParseHex(name, out var id) ? !kept.Contains(id.ToString()) && IsOlder(path, grace) : IsTemporary(name) && IsOlder(path, Grace))
                Delete(path);
        }

        foreach (var name in _files.ListFiles(_paths.Root))
            if (IsTemporary(name) && IsOlder(Path.Combine(_paths.Root, name), Grace))
                Delete(Path.Combine(_paths.Root, name));
        foreach (var name in _files.ListFolders(_paths.Bundles))
            if (Digest.TryParseHex(name, out var id) ? !kept.Contains(id.ToString()) : IsAbandoned(name))
                _files.DeleteFolder(Path.Combine(_paths.Bundles, name));
        return freed;

        void Delete(string path)
        {
            freed += _files.GetLength(path) ?? 0;
            _files.Delete(path);
        }
    }

    /// <summary>Whether a blob is there and wrong; a repair then takes it away.</summary>
    private async Task<bool> CheckBlobAsync(Digest digest, bool repair, Action<long> progress, CancellationToken cancellationToken)
    {
        var path = _paths.Blob(digest);
        while (GetBlobSize(digest) is { } size)
        {
            var written = _files.GetLastWrite(path);
            if (await IsRightAsync(path, digest, progress, cancellationToken)) return false;
            lock (_naming)
            {
                // Hashing takes minutes: what a pull put in its place meanwhile is another file.
                if (GetBlobSize(digest) != size || _files.GetLastWrite(path) != written) continue;
                if (repair) DropBlob(digest);
                return true;
            }
        }

        return false;
    }

    private List<(Digest Digest, long Size)> ListBlobs()
    {
        var blobs = new List<(Digest Digest, long Size)>();
        foreach (var name in _files.ListFiles(_paths.Blobs).Order(StringComparer.Ordinal))
            if (Digest.TryParseHex(name, out var digest) && GetBlobSize(digest) is { } size)
                blobs.Add((digest, size));
        return blobs;
    }

    // Bundles are built without a turn: a young one is another's work.
    private bool IsAbandoned(string bundle) =>
        bundle.EndsWith(TemporaryEnd, StringComparison.Ordinal)
        && _time.GetUtcNow() - _files.GetLastWrite(Path.Combine(_paths.Bundles, bundle)) > Grace;

    private bool IsOlder(string path, TimeSpan age) =>
        age <= TimeSpan.Zero || (_files.GetLength(path) is not null && _time.GetUtcNow() - _files.GetLastWrite(path) > age);

    // Held by a process that goes on with it.
    private bool IsLeft(string path)
    {
        using var file = _files.TryOpen(path);
        return file is not null;
    }

    private static bool IsTemporary(string name) =>
        name.EndsWith(StorePaths.PartialEnd, StringComparison.Ordinal) || name.Contains(".tmp-", StringComparison.Ordinal);

    private IReadOnlyList<string> NamesOf(Digest digest) =>
        [.. ReadIndex().Models.Where(entry => entry.Files?.Contains(digest.ToString()) == true).SelectMany(Names.Of)];
}
