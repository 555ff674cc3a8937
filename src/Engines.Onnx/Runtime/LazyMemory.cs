using System.Runtime.InteropServices;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>
/// Zeroed native memory that takes pages when they are first written: a KV cache for the longest sequences costs what
/// the present ones fill. On Windows all of it counts against the commit limit from the start, though not as memory.
/// </summary>
internal sealed unsafe partial class LazyMemory : SafeHandle
{
    private const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    private const int Private = 2; // MAP_PRIVATE
    private const int DontNeed = 4; // MADV_DONTNEED
    private const int Reserve = 0x2000; // MEM_RESERVE
    private const int Commit = 0x1000; // MEM_COMMIT
    private const int Release = 0x8000; // MEM_RELEASE
    private const int PageReadWrite = 4; // PAGE_READWRITE

    private readonly nuint _size;

    /// <exception cref="InsufficientMemoryException">The address space or the commit limit has no room.</exception>
    public LazyMemory(long sizeInBytes)
        : base(0, ownsHandle: true)
    {
        _size = checked((nuint)Math.Max(sizeInBytes, 1));
        var pointer = OperatingSystem.IsWindows() ? VirtualAlloc(0, _size, Reserve | Commit, PageReadWrite) : Map(_size);
        if (pointer is 0 or -1)
            throw new InsufficientMemoryException(
                $"{sizeInBytes >> 20} MiB could not be reserved. A smaller context size or fewer parallel sequences need less.");

        SetHandle(pointer);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte.</summary>
    public byte* Pointer => (byte*)handle;

    /// <summary>Gives the pages that lie wholly in a range back to the system; what is read there afterwards is undefined.</summary>
    public void Forget(long offset, long sizeInBytes)
    {
        if (!OperatingSystem.IsLinux())
            return;

        var page = Environment.SystemPageSize;
        var start = (offset + page - 1) / page * page;
        var end = (offset + sizeInBytes) / page * page;
        if (end > start)
            _ = MAdvise(handle + (nint)start, (nuint)(end - start), DontNeed);
    }

    protected override bool ReleaseHandle() =>
        OperatingSystem.IsWindows() ? VirtualFree(handle, 0, Release) != 0 : MUnmap(handle, _size) == 0;

    private static nint Map(nuint size)
    {
        var (anonymous, noReserve) = OperatingSystem.IsMacOS() ? (0x1000, 0x40) : (0x20, 0x4000);
        return MMap(0, size, ReadWrite, Private | anonymous | noReserve, -1, 0);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MMap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int MUnmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int MAdvise(nint address, nuint length, int advice);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial nint VirtualAlloc(nint address, nuint size, int type, int protection);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int VirtualFree(nint address, nuint size, int type);
}
