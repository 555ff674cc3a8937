using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.StoreWorker;

/// <summary>A blob in memory, given in small pieces.</summary>
internal sealed class MemorySource(byte[] bytes) : IBlobSource
{
    public Task<BlobStream> OpenAsync(long offset, long length, CancellationToken cancellationToken) =>
        Task.FromResult(new BlobStream(new MemoryStream(bytes, (int)offset, (int)length, writable: false), offset));
}
