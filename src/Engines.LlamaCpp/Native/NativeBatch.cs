using System.Runtime.InteropServices;

namespace ModelRunner.Engines.LlamaCpp.Native;

/// <summary>A <c>llama_batch</c> in memory of our own, made once and filled in place.</summary>
internal sealed unsafe class NativeBatch : IDisposable
{
    private readonly int _capacity;
    private LlamaBatch _batch;
    private int* _sequences;

    public NativeBatch(int capacity)
    {
        _capacity = capacity;
        var count = (nuint)capacity;
        _sequences = (int*)NativeMemory.AllocZeroed(count, sizeof(int));
        _batch.Tokens = (int*)NativeMemory.AllocZeroed(count, sizeof(int));
        _batch.Positions = (int*)NativeMemory.AllocZeroed(count, sizeof(int));
        _batch.SequenceCounts = (int*)NativeMemory.AllocZeroed(count, sizeof(int));
        _batch.SequenceIds = (int**)NativeMemory.AllocZeroed(count, (nuint)sizeof(int*));
        _batch.Logits = (sbyte*)NativeMemory.AllocZeroed(count, sizeof(sbyte));
        for (var i = 0; i < capacity; i++)
        {
            // Each token belongs to one sequence, whose id stands at its own place.
            _batch.SequenceCounts[i] = 1;
            _batch.SequenceIds[i] = _sequences + i;
        }
    }

    public LlamaBatch Value => _batch;

    public int TokenCount => _batch.TokenCount;

    public void Clear() => _batch.TokenCount = 0;

    /// <summary>The token's index in the batch.</summary>
    public int Add(int token, int position, int sequence, bool hasOutput)
    {
        var index = _batch.TokenCount;
        if (index >= _capacity)
            throw new InvalidOperationException($"The native batch holds {_capacity} tokens.");

        _batch.Tokens[index] = token;
        _batch.Positions[index] = position;
        _sequences[index] = sequence;
        _batch.Logits[index] = hasOutput ? (sbyte)1 : (sbyte)0;
        _batch.TokenCount = index + 1;
        return index;
    }

    public void Dispose()
    {
        if (_sequences is null)
            return;

        NativeMemory.Free(_batch.Tokens);
        NativeMemory.Free(_batch.Positions);
        NativeMemory.Free(_batch.SequenceCounts);
        NativeMemory.Free(_batch.SequenceIds);
        NativeMemory.Free(_batch.Logits);
        NativeMemory.Free(_sequences);
        _sequences = null;
    }
}
