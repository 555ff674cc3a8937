namespace ModelRunner.ModelStore.Files;

/// <summary>The file system of the operating system.</summary>
internal sealed class DiskFiles : IStoreFiles
{
    private const int BufferSize = 1 << 16;

    // Windows locks the name as well unless it is told not to.
    private static readonly FileShare Alone = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    // EROFS of Linux and macOS, ERROR_WRITE_PROTECT of Windows: no other process holds such a file.
    private static readonly HashSet<int> ReadOnlyCodes = [30, unchecked((int)0x80070013)];

    public long? GetLength(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : null;

    public DateTimeOffset GetLastWrite(string path) => new(File.GetLastWriteTimeUtc(path));

    public IReadOnlyList<string> ListFiles(string folder) => List(folder, Directory.EnumerateFiles);

    public IReadOnlyList<string> ListFolders(string folder) => List(folder, Directory.EnumerateDirectories);

    public Stream OpenRead(string path) => new FileStream(
        path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferSize, FileOptions.Asynchronous | FileOptions.SequentialScan);

    public IStoreFile Create(string path) =>
        new DiskFile(File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, Alone));

    public IStoreFile? TryOpen(string path)
    {
        try
        {
            return new DiskFile(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, Alone));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public IDisposable? TryLock(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (File.Exists(path) && !ReadOnlyCodes.Contains(exception.HResult))
        {
            return null;
        }
    }

    public void CreateFolder(string path) => Directory.CreateDirectory(path);

    public void Rename(string source, string target) => File.Move(source, target, overwrite: true);

    public bool TryRenameFolder(string source, string target)
    {
        try
        {
            Directory.Move(source, target);
            return true;
        }
        catch (IOException) when (Directory.Exists(target))
        {
            return false;
        }
    }

    public void Link(string source, string target)
    {
        if (!NativeFiles.TryLink(source, target)) File.Copy(source, target, overwrite: false);
    }

    public void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone with its folder.
        }
    }

    public void DeleteFolder(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already.
        }
    }

    public void SyncFolder(string path) => NativeFiles.SyncFolder(path);

    public long GetFreeBytes(string folder) => new DriveInfo(folder).AvailableFreeSpace;

    private static List<string> List(string folder, Func<string, IEnumerable<string>> enumerate)
    {
        try
        {
            return [.. enumerate(folder).Select(path => Path.GetFileName(path))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}
