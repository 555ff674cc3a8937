namespace ModelRunner.ModelStore.Files;

/// <summary>Stands for a folder that cannot be made or written: no file is there, and whatever else is asked for fails.</summary>
/// <param name="cause">What each call but the look for a file throws.</param>
internal sealed class UnavailableFiles(StoreException cause) : IStoreFiles
{
    public long? GetLength(string path) => null;

    public DateTimeOffset GetLastWrite(string path) => throw cause;

    public IReadOnlyList<string> ListFiles(string folder) => throw cause;

    public IReadOnlyList<string> ListFolders(string folder) => throw cause;

    public Stream OpenRead(string path) => throw cause;

    public IStoreFile Create(string path) => throw cause;

    public IStoreFile? TryOpen(string path) => throw cause;

    public IDisposable? TryLock(string path) => throw cause;

    public void CreateFolder(string path) => throw cause;

    public void Rename(string source, string target) => throw cause;

    public bool TryRenameFolder(string source, string target) => throw cause;

    public void Link(string source, string target) => throw cause;

    public void Delete(string path) => throw cause;

    public void DeleteFolder(string path) => throw cause;

    public void SyncFolder(string path) => throw cause;

    public long GetFreeBytes(string folder) => throw cause;
}
