using System.Runtime.InteropServices;

namespace ModelRunner.Engines.LlamaCpp.Native;

/// <summary><c>ggml_threadpool_params</c> of ggml.h, release 0.5.0 of llama.cpp; a C bool is one byte.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GgmlThreadPoolParams
{
    public fixed byte CpuMask[512];
    public int ThreadCount;
    public int Priority;
    public uint Poll;
    public byte StrictCpu;
    public byte Paused;
}
