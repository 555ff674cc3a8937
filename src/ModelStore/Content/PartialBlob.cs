using System.Security.Cryptography;
using ModelRunner.ModelStore.Files;

namespace ModelRunner.ModelStore.Content;

/// <summary>
/// A blob on its way into the store: bytes come in order and are hashed as they come, so that the file is always a
/// beginning of the blob and can be resumed. Not thread-safe.
/// </summary>
internal sealed class PartialBlob : IDisposable
{
    private readonly IStoreFiles _files;
    private readonly IStoreFile _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    internal PartialBlob(IStoreFiles files, IStoreFile file, string path)
    {
        _files = files;
        _file = file;
        Path = path;
    }

    public string Path { get; }

    /// <summary>Bytes that are in.</summary>
    public long Length { get; private set; }

    /// <summary>Takes the bytes that an earlier attempt left, as many as the blob can have.</summary>
    public void Resume(long maxLength, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 20];
        while (Length < maxLength)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = _file.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, maxLength - Length)), Length);
            if (count == 0) break;
            _hash.AppendData(buffer, 0, count);
            Length += count;
        }

        if (_file.Length > Length) _file.Truncate(Length);
    }

    /// <summary>Adds the next bytes.</summary>
    /// <returns>False when another process took the file away, which can be where locks do not hold.</returns>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        if (_files.GetLength(Path) is null) return false;
        _hash.AppendData(bytes);
        _file.Write(bytes, Length);
        Length += bytes.Length;
        return true;
    }

    /// <summary>Starts over.</summary>
    public void Clear()
    {
        _hash.GetHashAndReset();
        _file.Truncate(0);
        Length = 0;
    }

    /// <summary>Ends the blob: its bytes are on disk, and its digest is given.</summary>
    public Digest Seal()
    {
        _file.Sync();
        return Digest.FromHash(_hash.GetHashAndReset());
    }

    /// <summary>Gives it up and removes its file.</summary>
    public void Discard()
    {
        Dispose();
        _files.Delete(Path);
    }

    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
    }
}
