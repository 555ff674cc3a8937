using System.Runtime.InteropServices;

namespace ModelRunner.Engines.LlamaCpp.Native;

// The structs of llama.h, release 0.5.0. A C bool is one byte.

/// <summary><c>llama_model_params</c>.</summary>
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

/// <summary><c>llama_context_params</c>.</summary>
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

/// <summary><c>llama_batch</c>, passed by value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaBatch
{
    public int TokenCount;
    public int* Tokens;
    public float* Embeddings;
    public int* Positions;
    public int* SequenceCounts;
    public int** SequenceIds;
    public sbyte* Logits;
}
