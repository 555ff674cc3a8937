using ModelRunner.ModelStore.Artifacts;

namespace ModelRunner.ModelStore.Content;

// Blobs: they come in by their digests, or not at all.
public sealed partial class ContentStore
{
    // What a full disk leaves to everything else on the machine.
    private const long Reserve = 64L << 20;

    private const int MaxCreations = 10;

    /// <summary>Bytes of a blob that is there, or null. Whether it is right is not looked at.</summary>
    internal long? GetBlobSize(Digest digest) => _files.GetLength(_paths.Blob(digest));

    /// <summary>The path of a blob, for readers that want one. Never to be written.</summary>
    internal string GetBlobPath(Digest digest) => _paths.Blob(digest);

    /// <summary>Reads a blob.</summary>
    /// <exception cref="StoreException">It is not there.</exception>
    internal Stream OpenBlob(Digest digest)
    {
        try
        {
            return _files.OpenRead(_paths.Blob(digest));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw MissingBlob(digest, exception);
        }
    }

    /// <summary>Adds a blob from memory.</summary>
    internal Digest AddBlob(ReadOnlySpan<byte> bytes)
    {
        using var partial = CreatePartial(null);
        partial.TryAppend(bytes);
        return Publish(partial, expected: null) ?? throw new InvalidOperationException("A blob of no given digest cannot differ.");
    }

    /// <summary>Adds a blob from a stream.</summary>
    /// <param name="stream">Its bytes.</param>
    /// <param name="expected">What they must hash to; null takes any.</param>
    /// <param name="progress">Receives the bytes so far.</param>
    /// <param name="cancellationToken">Ends it; nothing stays.</param>
    /// <returns>The digest, or null where it is not the expected one: then nothing was added.</returns>
    internal async Task<Digest?> AddBlobAsync(Stream stream, Digest? expected, Action<long>? progress, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 20];
        using var partial = CreatePartial(expected);
        try
        {
            int count;
            while ((count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)) > 0)
            {
                partial.TryAppend(buffer.AsSpan(0, count));
                progress?.Invoke(partial.Length);
            }

            return Publish(partial, expected);
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            partial.Discard();
            throw DiskFull.Error(exception);
        }
        catch
        {
            partial.Discard();
            throw;
        }
    }

    /// <summary>Bytes of the longest beginning of a blob that an earlier attempt left.</summary>
    internal long GetPartialLength(Digest digest) => _files.ListFiles(_paths.Blobs)
        .Where(name => StorePaths.IsPartialOf(name, digest))
        .Select(name => _files.GetLength(Path.Combine(_paths.Blobs, name)) ?? 0)
        .DefaultIfEmpty()
        .Max();

    /// <summary>The longest beginning of a blob that an earlier attempt left and nobody holds, or an empty one.</summary>
    internal PartialBlob OpenPartial(Digest digest, long size, CancellationToken cancellationToken)
    {
        var left = _files.ListFiles(_paths.Blobs)
            .Where(name => StorePaths.IsPartialOf(name, digest))
            .Select(name => Path.Combine(_paths.Blobs, name))
            .OrderByDescending(path => _files.GetLength(path) ?? 0);
        foreach (var path in left)
        {
            if (_files.TryOpen(path) is not { } file) continue;
            var own = _paths.NewPartial(digest);
            try
            {
                // Of two who take it at once, where locks do not hold, one finds it gone.
                _files.Rename(path, own);
                var partial = new PartialBlob(_files, file, own);
                partial.Resume(size, cancellationToken);
                return partial;
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                file.Dispose();
                if (exception is OperationCanceledException) throw;
            }
        }

        return CreatePartial(digest);
    }

    /// <summary>
    /// Makes a whole blob visible: synced, checked, named, and the name synced. A right one that is there stays.
    /// </summary>
    /// <returns>Its digest; null where it is not the expected one, and the file is gone.</returns>
    /// <exception cref="FileNotFoundException">Another process took the file, and will publish it.</exception>
    internal Digest? Publish(PartialBlob partial, Digest? expected)
    {
        var digest = partial.Seal();
        var path = _paths.Blob(digest);
        var isExpected = expected is null || digest == expected;
        if (!isExpected || (GetBlobSize(digest) == partial.Length && IsRight(path, digest)))
        {
            partial.Discard();
            return isExpected ? digest : null;
        }

        lock (_naming)
        {
            // Links to a wrong one would keep it.
            if (GetBlobSize(digest) is not null) DropBlob(digest);
            partial.Dispose();
            _files.Rename(partial.Path, path);
        }

        _files.SyncFolder(_paths.Blobs);
        return digest;
    }

    /// <summary>Hashes a blob that a pull wants, and takes it away where it is wrong.</summary>
    /// <returns>Whether it is there and right.</returns>
    /// <exception cref="StoreException">
    /// It is right, and has another size than the pull expects: who says that is wrong, and other models may use the blob.
    /// </exception>
    internal async Task<bool> HasRightBlobAsync(ManifestBlob blob, Action<long> progress, CancellationToken cancellationToken)
    {
        await CheckBlobAsync(blob.Digest, repair: true, progress, cancellationToken);
        if (GetBlobSize(blob.Digest) is not { } size) return false;
        return size == blob.Size ? true : throw new StoreException(
            StoreException.Unsupported, $"The model gives the blob {blob.Digest} a size of {blob.Size} bytes, but what has this digest has {size}.");
    }

    /// <summary>Checks before a transfer that its bytes will fit.</summary>
    /// <exception cref="StoreException">They will not.</exception>
    internal void RequireSpace(long bytes)
    {
        var free = _files.GetFreeBytes(_paths.Root);
        if (bytes > 0 && bytes > free - Reserve)
            throw new StoreException(
                StoreException.InsufficientStorage,
                $"The model needs {bytes >> 20} MiB more on disk, and {Math.Max(free - Reserve, 0) >> 20} MiB are free at '{_paths.Root}'.");
    }

    private PartialBlob CreatePartial(Digest? digest)
    {
        for (var tries = 1; ; tries++)
        {
            var path = _paths.NewPartial(digest);
            try
            {
                return new PartialBlob(_files, _files.Create(path), path);
            }
            catch (IOException exception) when (DiskFull.Is(exception))
            {
                throw DiskFull.Error(exception);
            }
            catch (IOException) when (tries < MaxCreations)
            {
                // Another process took it for left behind, in the moment between its making and its locking.
            }
            catch (Exception exception) when (IsRefusal(exception))
            {
                throw Unavailable(exception);
            }
        }
    }

    // With the bundles that link to it, so that the next pull brings it anew. Who has it open keeps it.
    private void DropBlob(Digest digest)
    {
        foreach (var entry in ReadIndex().Models)
            if (entry.Files?.Contains(digest.ToString()) == true && Digest.TryParse(entry.Id, out var id))
                _files.DeleteFolder(_paths.Bundle(id));
        _files.Delete(_paths.Blob(digest));
        _files.SyncFolder(_paths.Blobs);
    }

    private async Task<bool> IsRightAsync(string path, Digest digest, Action<long> progress, CancellationToken cancellationToken)
    {
        try
        {
            var stream = _files.OpenRead(path);
            await using (stream.ConfigureAwait(false))
                return await BlobHash.ComputeAsync(stream, progress, cancellationToken) == digest;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private bool IsRight(string path, Digest digest)
    {
        using var stream = _files.OpenRead(path);
        return Digest.FromHash(System.Security.Cryptography.SHA256.HashData(stream)) == digest;
    }
}
