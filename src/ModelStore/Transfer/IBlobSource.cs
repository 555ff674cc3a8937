namespace ModelRunner.ModelStore.Transfer;

/// <summary>Where the bytes of a blob come from. Thread-safe.</summary>
internal interface IBlobSource
{
    /// <summary>Opens a range of the blob.</summary>
    /// <exception cref="HttpRequestException">The source fails; another try may succeed.</exception>
    /// <exception cref="IOException">The connection failed; another try may succeed.</exception>
    /// <exception cref="Abstractions.Errors.ModelRunnerException">No further try will succeed.</exception>
    Task<BlobStream> OpenAsync(long offset, long length, CancellationToken cancellationToken);
}
