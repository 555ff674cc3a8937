using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelRunner.Engines.LlamaCpp;

/// <summary>
/// What other threads and a decode under way tell each other: that it shall end, and that it goes on. libllama calls
/// back after each node of the graph. Any thread, at any time: the memory outlives the context.
/// </summary>
internal sealed unsafe class DecodeSignals
{
    private const int AbortFlag = 0;
    private const int LastNode = 1;
    private const int LongestPause = 2;

    /// <summary>The shortest silence that counts as a stall.</summary>
    public static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(0.75);

    // A large matrix on a slow machine takes its time, always about the same.
    private const int PauseFactor = 4;

    // Pinned, because native code writes here; managed, because readers may come after the end of the session.
    private readonly long[] _values = GC.AllocateArray<long>(3, pinned: true);

    /// <summary>What the callback is handed. Valid while this object is referenced.</summary>
    public nint Pointer => (nint)Unsafe.AsPointer(ref _values[0]);

    /// <summary>What a context's parameters take together with the <see cref="Pointer"/>.</summary>
    public static delegate* unmanaged[Cdecl]<nint, byte> Callback => &OnNode;

    public void Abort() => Volatile.Write(ref _values[AbortFlag], 1);

    /// <summary>An earlier abort is over.</summary>
    public void Reset() => Volatile.Write(ref _values[AbortFlag], 0);

    /// <summary>libllama begins to compute.</summary>
    public void Begin(long now) => Volatile.Write(ref _values[LastNode], now);

    /// <summary>It has ended.</summary>
    public void End() => Volatile.Write(ref _values[LastNode], 0);

    /// <summary>Whether a decode is under way whose last node is long ago.</summary>
    public bool IsStalled(long now)
    {
        var last = Volatile.Read(ref _values[LastNode]);
        if (last == 0) return false;
        var limit = Math.Max(StallLimit.TotalSeconds * Stopwatch.Frequency, PauseFactor * (double)Volatile.Read(ref _values[LongestPause]));
        return now - last > limit;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte OnNode(nint pointer) => OnNode(pointer, Stopwatch.GetTimestamp()) ? (byte)1 : (byte)0;

    /// <summary>A node of the graph is computed.</summary>
    /// <param name="pointer">The <see cref="Pointer"/>.</param>
    /// <param name="now">A timestamp of <see cref="Stopwatch"/>.</param>
    /// <returns>Whether the decode shall end.</returns>
    public static bool OnNode(nint pointer, long now)
    {
        var values = (long*)pointer;
        var pause = now - values[LastNode];
        if (pause > values[LongestPause]) Volatile.Write(ref values[LongestPause], pause);
        Volatile.Write(ref values[LastNode], now);
        return Volatile.Read(ref values[AbortFlag]) != 0;
    }
}
