using System.Runtime.InteropServices;

namespace ModelRunner.Engines.LlamaCpp.Native;

/// <summary><c>llama_model_params</c> of llama.h, release 0.5.0; a C bool is one byte.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaModelParams
{
    public nint Devices;
    public nint TensorBufferOverrides;
    public int GpuLayerCount;
    public int SplitMode;
    public int LoadMode;
    public int LazyMode;
    public int MainGpu;
    public float* TensorSplit;
    public delegate* unmanaged[Cdecl]<float, nint, byte> ProgressCallback;
    public nint ProgressUserData;
    public nint KvOverrides;
    public byte VocabularyOnly;
    public byte CheckTensors;
    public byte UseExtraBuffers;
    public byte NoHost;
    public byte NoAllocation;
    public byte LoadMtp;
}
