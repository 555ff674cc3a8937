using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.LlamaCpp.Native;

namespace ModelRunner.Engines.LlamaCpp;

// What sequences hold of libllama's memory, and in which of its streams.
internal sealed unsafe partial class LlamaDecodeSession
{
    /// <inheritdoc/>
    public bool TryTruncate(int sequence, int length)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        SequenceChecks.CheckTruncation(_lengths, sequence, length);
        if (length == _lengths[sequence])
            return true;

        if (length == 0)
        {
            Release(sequence);
            return true;
        }

        if (LlamaApi.llama_memory_seq_rm(_memory, StreamOf(sequence), length, -1) == 0)
            return false;

        _lengths[sequence] = length;
        return true;
    }

    /// <inheritdoc/>
    public bool TryCopyPrefix(int source, int target, int length)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        SequenceChecks.CheckCopy(_lengths, source, target, length);
        if (Limits.PrefixCopy == PrefixCopy.None)
            return false;

        if (Limits.KvLayout.IsPooled)
        {
            LlamaApi.llama_memory_seq_cp(_memory, source, target, 0, length);
        }
        else
        {
            // Between the regions of two sequences libllama copies whole sequences only; a part ends the process.
            var stream = AssignStream(target);
            LlamaApi.llama_memory_seq_cp(_memory, StreamOf(source), stream, -1, -1);
            if (length < _lengths[source] && LlamaApi.llama_memory_seq_rm(_memory, stream, length, -1) == 0)
            {
                LlamaApi.llama_memory_seq_rm(_memory, stream, -1, -1);
                _streams?.Free(target);
                return false;
            }
        }

        _lengths[target] = length;
        return true;
    }

    /// <inheritdoc/>
    public void Release(int sequence)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        // A first step that failed leaves a stream without tokens.
        if (StreamOf(sequence) < 0)
            return;

        LlamaApi.llama_memory_seq_rm(_memory, StreamOf(sequence), -1, -1);
        _streams?.Free(sequence);
        _lengths[sequence] = 0;
    }

    private int StreamOf(int sequence) => _streams is null ? sequence : _streams[sequence];

    private int AssignStream(int sequence) => _streams is null ? sequence : _streams.GetOrAssign(sequence);

    /// <summary>Gives every sequence of the batch a stream, and makes the move that brings those that run together.</summary>
    private void Place(DecodeBatch batch)
    {
        if (_streams is null)
            return;

        foreach (var entry in batch.Entries)
            _streams.GetOrAssign(entry.Sequence);

        var together = _split.Second;
        for (var i = 0; i < together.Length; i++)
            _running[i] = batch.Entries[together[i]].Sequence;

        if (_streams.Observe(_running.AsSpan(0, together.Length)) is not { } move)
            return;

        if (move.Spare >= 0)
            MoveStream(move.Target, move.Spare);

        MoveStream(move.Source, move.Target);
        if (move.Spare >= 0)
            MoveStream(move.Spare, move.Source);
    }

    private void MoveStream(int source, int target)
    {
        LlamaApi.llama_memory_seq_cp(_memory, source, target, -1, -1);
        LlamaApi.llama_memory_seq_rm(_memory, source, -1, -1);
    }
}
