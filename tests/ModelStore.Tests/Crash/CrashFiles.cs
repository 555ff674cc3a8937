using ModelRunner.ModelStore.Files;

namespace ModelRunner.ModelStore.Tests.Crash;

/// <summary>
/// A file system in memory that goes down at a given step and then shows a state that a disk may be in: of what was not
/// synced, names in their order up to any point, and bytes old, new or torn.
/// </summary>
internal sealed class CrashFiles : IStoreFiles
{
    private readonly Node _root;
    private readonly Lock _lock = new();

    public CrashFiles() => _root = new Node { Folder = new FolderState() };

    private CrashFiles(Node root) => _root = root;

    /// <summary>The steps so far.</summary>
    public int StepCount { get; private set; }

    /// <summary>The step that does not happen any more.</summary>
    public int CrashAt { get; init; } = int.MaxValue;

    /// <summary>Bytes that fit on the disk.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    public bool LocksLie { get; init; }

    /// <summary>Every change is refused, as to a user without rights.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Runs when a reader has opened a file, and before it reads.</summary>
    public Action<string>? Opened { get; set; }

    private bool IsDown => StepCount > CrashAt;

    /// <summary>What the disk has after the machine comes up again.</summary>
    public CrashFiles Recover(int seed, int crashAt = int.MaxValue)
    {
        var random = new Random(seed);
        return new CrashFiles(Survive(_root, random, [])) { CrashAt = crashAt };
    }

    /// <summary>Changes a byte, as a bad disk does.</summary>
    public void Flip(string path, long offset, int bit)
    {
        lock (_lock) Find(path)!.Bytes[(int)offset] ^= (byte)(1 << bit);
    }

    public long? GetLength(string path) => Do(() => Find(path) is { Folder: null } node ? node.Bytes.Count : (long?)null);

    // A second for each step; a bad disk changes bytes and not the time.
    public DateTimeOffset GetLastWrite(string path) => Do(() => DateTimeOffset.UnixEpoch.AddSeconds(Find(path)?.WrittenAt ?? 0));

    public IReadOnlyList<string> ListFiles(string folder) => List(folder, isFolder: false);

    public IReadOnlyList<string> ListFolders(string folder) => List(folder, isFolder: true);

    public Stream OpenRead(string path)
    {
        var stream = Do(() => new MemoryStream([.. (Find(path) ?? throw new FileNotFoundException(path)).Bytes], writable: false));
        Opened?.Invoke(path);
        return stream;
    }

    public IStoreFile Create(string path) => Change(() =>
    {
        var node = new Node { IsHeld = true };
        if (Find(path) is not null) throw new IOException("exists");
        Change(path, node);
        return new CrashFile(this, node);
    });

    public IStoreFile? TryOpen(string path) => Step(() =>
    {
        if (Find(path) is not { Folder: null } node || (node.IsHeld && !LocksLie)) return null;
        node.IsHeld = true;
        return new CrashFile(this, node);
    });

    public IDisposable? TryLock(string path) => Do(() => IsReadOnly ? throw new UnauthorizedAccessException("denied") : new MemoryStream());

    public void CreateFolder(string path) => Step(() =>
    {
        if (Find(path) is null) Change(path, new Node { Folder = new FolderState() });
        return true;
    });

    public void Rename(string source, string target) => Change(() =>
    {
        var node = Find(source) ?? throw new FileNotFoundException(source);
        Assert.Equal(Path.GetDirectoryName(source), Path.GetDirectoryName(target));
        var folder = Find(Path.GetDirectoryName(source)!)!.Folder!;
        folder.Do(names =>
        {
            names.Remove(Path.GetFileName(source));
            names[Path.GetFileName(target)] = node;
        });
        return true;
    });

    public bool TryRenameFolder(string source, string target)
    {
        if (Do(() => Find(target)) is not null) return false;
        Rename(source, target);
        return true;
    }

    public void Link(string source, string target) => Change(() =>
    {
        Change(target, Find(source) ?? throw new FileNotFoundException(source));
        return true;
    });

    public void Delete(string path) => Change(() =>
    {
        if (Find(path) is not null) Change(path, null);
        return true;
    });

    public void DeleteFolder(string path) => Delete(path);

    public void SyncFolder(string path) => Step(() =>
    {
        Find(path)!.Folder!.Sync();
        return true;
    });

    public long GetFreeBytes(string folder) => Do(() => Capacity == long.MaxValue ? long.MaxValue : Capacity - Used(_root, []));

    private List<string> List(string folder, bool isFolder) => Do(() =>
        Find(folder)?.Folder?.Names.Where(pair => pair.Value.Folder is not null == isFolder).Select(pair => pair.Key).ToList() ?? []);

    private Node? Find(string path)
    {
        var node = _root;
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            if (node.Folder is null || !node.Folder.Names.TryGetValue(segment, out node!))
                return null;
        return node;
    }

    private void Change(string path, Node? node)
    {
        var folder = Find(Path.GetDirectoryName(path)!)?.Folder ?? throw new DirectoryNotFoundException(path);
        var name = Path.GetFileName(path);
        folder.Do(names =>
        {
            if (node is null) names.Remove(name);
            else names[name] = node;
        });
    }

    private T Do<T>(Func<T> read)
    {
        lock (_lock) return IsDown ? throw new SimulatedCrashException() : read();
    }

    private T Change<T>(Func<T> change) => Step(() => IsReadOnly ? throw new UnauthorizedAccessException("denied") : change());

    private T Step<T>(Func<T> change)
    {
        lock (_lock)
        {
            StepCount++;
            return IsDown ? throw new SimulatedCrashException() : change();
        }
    }

    private static long Used(Node node, HashSet<Node> seen) =>
        !seen.Add(node) ? 0 : node.Folder is null ? node.Bytes.Count : node.Folder.Names.Values.Sum(child => Used(child, seen));

    private static Node Survive(Node node, Random random, Dictionary<Node, Node> known)
    {
        if (known.TryGetValue(node, out var survivor)) return survivor;
        survivor = known[node] = new Node { WrittenAt = node.WrittenAt };
        if (node.Folder is { } folder)
        {
            survivor.Folder = new FolderState();
            foreach (var (name, child) in folder.AfterCrash(random))
                survivor.Folder.Names[name] = survivor.Folder.Durable[name] = Survive(child, random, known);
            return survivor;
        }

        survivor.Bytes = random.Next(3) switch
        {
            0 => [.. node.Durable],
            1 => [.. node.Bytes],
            _ => Torn(node),
        };
        survivor.Durable = [.. survivor.Bytes];
        return survivor;
    }

    // The new length, and zeros where bytes were not synced.
    private static List<byte> Torn(Node node) =>
        [.. node.Bytes.Select((value, index) => index < node.Durable.Length && node.Durable[index] == value ? value : (byte)0)];

    private sealed class CrashFile(CrashFiles files, Node node) : IStoreFile
    {
        public long Length => files.Do(() => node.Bytes.Count);

        public int Read(Span<byte> buffer, long offset)
        {
            lock (files._lock)
            {
                var count = (int)Math.Min(buffer.Length, Math.Max(node.Bytes.Count - offset, 0));
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(node.Bytes).Slice((int)offset, count).CopyTo(buffer);
                return count;
            }
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            var copy = bytes.ToArray();
            files.Step(() =>
            {
                if (Used(files._root, []) + copy.Length > files.Capacity) throw new IOException("No space left on device", 28);
                if (node.Bytes.Count < offset + copy.Length)
                    System.Runtime.InteropServices.CollectionsMarshal.SetCount(node.Bytes, (int)offset + copy.Length);
                node.WrittenAt = files.StepCount;
                copy.CopyTo(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(node.Bytes)[(int)offset..]);
                return true;
            });
        }

        public void Truncate(long length) => files.Step(() =>
        {
            node.Bytes.RemoveRange((int)length, node.Bytes.Count - (int)length);
            return true;
        });

        public void Sync() => files.Step(() =>
        {
            node.Durable = [.. node.Bytes];
            return true;
        });

        public void Dispose() => node.IsHeld = false;
    }

    private sealed class Node
    {
        public FolderState? Folder { get; set; }

        public List<byte> Bytes { get; set; } = [];

        public byte[] Durable { get; set; } = [];

        public bool IsHeld { get; set; }

        public int WrittenAt { get; set; }
    }

    private sealed class FolderState
    {
        private readonly List<Action<Dictionary<string, Node>>> _pending = [];

        public Dictionary<string, Node> Names { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Node> Durable { get; private set; } = new(StringComparer.Ordinal);

        public void Do(Action<Dictionary<string, Node>> change)
        {
            change(Names);
            _pending.Add(change);
        }

        public void Sync()
        {
            Durable = new(Names, StringComparer.Ordinal);
            _pending.Clear();
        }

        public Dictionary<string, Node> AfterCrash(Random random)
        {
            var names = new Dictionary<string, Node>(Durable, StringComparer.Ordinal);
            foreach (var change in _pending.Take(random.Next(_pending.Count + 1))) change(names);
            return names;
        }
    }
}
