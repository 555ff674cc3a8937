namespace ModelRunner.ModelStore.Files;

/// <summary>An open file of the store. Not thread-safe. Disposing closes it without a sync.</summary>
internal interface IStoreFile : IDisposable
{
    /// <summary>Bytes in it.</summary>
    long Length { get; }

    /// <summary>Reads at an offset; 0 at the end.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes at an offset.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Drops what stands beyond a length.</summary>
    void Truncate(long length);

    /// <summary>Brings the bytes to disk.</summary>
    void Sync();
}
