namespace ModelRunner.ModelStore.Transfer;

/// <summary>An open range of a blob.</summary>
/// <param name="content">The bytes.</param>
/// <param name="offset">Where they begin: 0 where the source gives no ranges.</param>
/// <param name="owner">What is to be disposed with the stream; null for nothing.</param>
internal sealed class BlobStream(Stream content, long offset, IDisposable? owner = null) : IAsyncDisposable
{
    public Stream Content => content;

    public long Offset => offset;

    public async ValueTask DisposeAsync()
    {
        await content.DisposeAsync();
        owner?.Dispose();
    }
}
