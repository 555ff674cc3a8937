using System.Runtime.InteropServices;

namespace ModelRunner.Engines.LlamaCpp.Native;

/// <summary><c>llama_batch</c> of llama.h, release 0.5.0, passed by value.</summary>
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
