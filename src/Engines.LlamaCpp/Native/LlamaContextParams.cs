using System.Runtime.InteropServices;

namespace ModelRunner.Engines.LlamaCpp.Native;

/// <summary><c>llama_context_params</c> of llama.h, release 0.5.0; a C bool is one byte.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaContextParams
{
    public uint ContextSize;
    public uint BatchSize;
    public uint MicroBatchSize;
    public uint MaxSequences;
    public uint MaxRecurrentSnapshots;
    public uint MaxOutputs;
    public uint MaxOutputsPerSequence;
    public int ThreadCount;
    public int BatchThreadCount;
    public int ContextType;
    public int RopeScalingType;
    public int PoolingType;
    public int AttentionType;
    public int FlashAttentionType;
    public float RopeFrequencyBase;
    public float RopeFrequencyScale;
    public float YarnExtFactor;
    public float YarnAttentionFactor;
    public float YarnBetaFast;
    public float YarnBetaSlow;
    public uint YarnOriginalContext;
    public float DefragmentationThreshold;
    public nint EvaluationCallback;
    public nint EvaluationUserData;
    public int KeyType;
    public int ValueType;
    public delegate* unmanaged[Cdecl]<nint, byte> AbortCallback;
    public nint AbortUserData;
    public byte Embeddings;
    public byte OffloadKqv;
    public byte NoPerformance;
    public byte OffloadOperations;
    public byte SlidingWindowFull;
    public byte UnifiedKv;
    public nint Samplers;
    public nuint SamplerCount;
    public nint OtherContext;
}
