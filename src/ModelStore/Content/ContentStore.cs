using System.Text.Json;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Files;

namespace ModelRunner.ModelStore.Content;

/// <summary>
/// Models by the digests of their content, in Docker Model Runner's layout. Thread-safe, and shared by processes.
/// </summary>
/// <remarks>
/// A change is on disk before it can be seen: bytes are written and synced, their digest is checked, then the file gets
/// its name and the folder is synced; blobs first, then the manifest, then the index. Removal goes the other way round.
/// So whatever moment a process ends at, each listed model is whole, and what is not listed is garbage to collect. A lock
/// orders the changes of the index; where the file system only pretends to lock, a name may get lost, but no byte is wrong.
/// </remarks>
public sealed partial class ContentStore : IDisposable
{
    // A file that another process may be about to list is left alone for so long.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    // As Docker Model Runner keeps the beginnings of blobs.
    private static readonly TimeSpan PartialAge = TimeSpan.FromDays(7);

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    private readonly IStoreFiles _files;
    private readonly StorePaths _paths;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);

    // Held from the look at a wrong blob until it is gone or another has its name.
    private readonly Lock _naming = new();

    private ContentStore(IStoreFiles files, StorePaths paths, TimeProvider time)
    {
        _files = files;
        _paths = paths;
        _time = time;
    }

    /// <summary>The folder of the store.</summary>
    public string Root => _paths.Root;

    /// <summary>
    /// Opens the store of a folder, and makes what is missing of it. Where that cannot be, the store has no models, and what
    /// would change it throws a <see cref="StoreException"/>.
    /// </summary>
    public static ContentStore Open(string root, TimeProvider time)
    {
        var paths = new StorePaths(root);
        try
        {
            Directory.CreateDirectory(root);
            return Open(root, new DiskFiles(), time);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StoreException)
        {
            return new ContentStore(new UnavailableFiles(Unavailable(paths.Root, exception)), paths, time);
        }
    }

    /// <summary>Ends its use; nothing has to be saved.</summary>
    public void Dispose() => _turn.Dispose();

    internal static ContentStore Open(string root, IStoreFiles files, TimeProvider time)
    {
        var store = new ContentStore(files, new StorePaths(root), time);
        store.Initialize();
        return store;
    }

    private void Initialize()
    {
        foreach (var folder in _paths.Folders)
        {
            _files.CreateFolder(folder);
            _files.SyncFolder(Path.GetDirectoryName(folder)!);
        }

        if (_files.GetLength(_paths.Layout) is null)
            WriteFile(_paths.Layout, JsonSerializer.SerializeToUtf8Bytes(new LayoutDocument(LayoutDocument.Current), StoreJson.Default.LayoutDocument));
        RestoreIndex();
    }

    /// <summary>Writes a small file whole or not at all.</summary>
    private void WriteFile(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = $"{path}.tmp-{Guid.NewGuid():N}";
        try
        {
            using (var file = _files.Create(temporary))
            {
                file.Write(bytes, 0);
                file.Sync();
            }

            _files.Rename(temporary, path);
        }
        catch (IOException exception)
        {
            _files.Delete(temporary);
            if (DiskFull.Is(exception)) throw DiskFull.Error(exception);
            throw;
        }

        _files.SyncFolder(Path.GetDirectoryName(path)!);
    }

    private byte[]? ReadFile(string path, int maxSize)
    {
        if (_files.GetLength(path) is not { } length) return null;
        if (length > maxSize) throw Broken($"The file '{Path.GetFileName(path)}' of the store has {length} bytes, too many for what it is.");
        try
        {
            using var stream = _files.OpenRead(path);
            var bytes = new byte[length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or EndOfStreamException)
        {
            return null;
        }
    }

    /// <summary>One change of the index at a time, in this process and others.</summary>
    /// <exception cref="StoreException">The store cannot be written.</exception>
    private async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            IDisposable? held;
            while ((held = _files.TryLock(_paths.Lock)) is null)
                await Task.Delay(LockPause, _time, cancellationToken);
            return new Turn(_turn, held);
        }
        catch (Exception exception)
        {
            _turn.Release();
            if (IsRefusal(exception)) throw Unavailable(exception);
            throw;
        }
    }

    private static StoreException Broken(string message) => new(StoreException.Broken, message);

    private static bool IsRefusal(Exception exception) => exception is IOException or UnauthorizedAccessException;

    private StoreException Unavailable(Exception cause) =>
        cause is IOException exception && DiskFull.Is(exception) ? DiskFull.Error(exception) : Unavailable(_paths.Root, cause);

    private static StoreException Unavailable(string root, Exception cause) => new(
        StoreException.Unavailable,
        $"The store at '{root}' cannot be used: {cause.Message.TrimEnd('.')}. MODELS_PATH must be a folder that the server may write.",
        cause);

    private sealed class Turn(SemaphoreSlim turn, IDisposable held) : IDisposable
    {
        public void Dispose()
        {
            held.Dispose();
            turn.Release();
        }
    }
}
