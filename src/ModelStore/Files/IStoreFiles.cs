namespace ModelRunner.ModelStore.Files;

/// <summary>
/// What the store needs of a file system. Nothing is on disk for sure before its sync: a file's bytes before
/// <see cref="IStoreFile.Sync"/>, its name before <see cref="SyncFolder"/>. Paths are full. All members throw an
/// <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> when the file system does.
/// </summary>
internal interface IStoreFiles
{
    /// <summary>Bytes of a file, or null when there is none.</summary>
    long? GetLength(string path);

    /// <summary>When a file was last written, or a folder's names were; long ago when it is gone.</summary>
    DateTimeOffset GetLastWrite(string path);

    /// <summary>Names of the files in a folder; none when it does not exist.</summary>
    IReadOnlyList<string> ListFiles(string folder);

    /// <summary>Names of the folders in a folder; none when it does not exist.</summary>
    IReadOnlyList<string> ListFolders(string folder);

    /// <summary>Reads a file that others may read as well. The caller disposes the stream.</summary>
    Stream OpenRead(string path);

    /// <summary>A new file, locked for the caller as far as the file system keeps locks.</summary>
    IStoreFile Create(string path);

    /// <summary>An existing file to go on writing, locked; null when it is gone, another holds it, or it cannot be written.</summary>
    IStoreFile? TryOpen(string path);

    /// <summary>A lock between processes; null when another holds it. Released by its disposal or the process's end.</summary>
    IDisposable? TryLock(string path);

    /// <summary>Makes a folder in an existing one; nothing happens when it is there.</summary>
    void CreateFolder(string path);

    /// <summary>Gives a file another name in one step, replacing what had it.</summary>
    void Rename(string source, string target);

    /// <summary>Gives a folder another name in one step; false when the name is taken.</summary>
    bool TryRenameFolder(string source, string target);

    /// <summary>Gives a file a second name, or copies it where the file system has no links.</summary>
    void Link(string source, string target);

    /// <summary>Removes a name of a file; nothing happens when it is gone.</summary>
    void Delete(string path);

    /// <summary>Removes a folder and all in it; nothing happens when it is gone.</summary>
    void DeleteFolder(string path);

    /// <summary>Brings the names in a folder to disk.</summary>
    void SyncFolder(string path);

    /// <summary>Bytes that may still be written.</summary>
    long GetFreeBytes(string folder);
}
