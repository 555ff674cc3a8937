using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.Onnx.Native;
using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// A graph as a decode session: single tokens of all sequences go in one launch, longer pieces in launches of their own.
/// Lengths are kept here; a launch that fails changes none.
/// </summary>
internal sealed class OnnxDecodeSession : IDecodeSession
{
    private readonly SessionHandle _handle;
    private readonly IForwardPass _pass;
    private readonly LogitsBuffer _logits;
    private readonly RunOptions _options = new();
    private readonly LaunchWatch _watch = new();
    private readonly int _vocabularySize;
    private readonly int _chunkTokens;
    private readonly int[] _lengths;
    private readonly StepToken[] _steps;
    private readonly int[] _stepEntries;
    private readonly int[] _failed;
    private int _failedCount;
    private volatile bool _isAborted;
    private bool _isDisposed;

    /// <param name="handle">The graph; a share of it is taken.</param>
    /// <param name="decoder">Its inputs and outputs.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="abilities">What the graph can do.</param>
    public OnnxDecodeSession(SessionHandle handle, DecoderInterface decoder, OnnxSessionSizes sizes, GraphAbilities abilities)
    {
        _vocabularySize = decoder.VocabularySize;
        _chunkTokens = abilities.ContinuesInChunks ? OnnxSessionSizes.ChunkTokens : 1;
        _lengths = new int[sizes.MaxSequences];
        _steps = new StepToken[sizes.MaxSequences];
        _stepEntries = new int[sizes.MaxSequences];
        _failed = new int[sizes.MaxSequences];
        Limits = new SessionLimits
        {
            MaxSequences = sizes.MaxSequences,
            MaxBatchTokens = sizes.BatchTokens,
            MaxSequenceLength = sizes.MaxSequenceLength,
            KvLayout = KvLayout.PerSequence(sizes.MaxSequenceLength),
            PrefixCopy = PrefixCopy.Copied,
            CanTruncate = true,
            PreferredChunk = OnnxSessionSizes.ChunkTokens,
            // Graphs compute a single token with other kernels than several.
            MinContinuation = 2,
            BatchesMultiToken = false,
        };
        _pass = abilities.SharesMemory
            ? new SharedPass(handle.Session, decoder, sizes.MaxSequences, sizes.MaxSequenceLength, OnnxSessionSizes.ChunkTokens, abilities.IsRagged)
            : new GrowingPass(handle.Session, decoder, sizes.MaxSequences, sizes.MaxSequenceLength, OnnxSessionSizes.ChunkTokens, abilities.IsRagged);
        // A step over rows with gaps, its rows again one by one where it failed, and every token of the prompts.
        _logits = new LogitsBuffer(decoder.Logits, _vocabularySize, sizes.BatchTokens, sizes.BatchTokens + (3 * sizes.MaxSequences));
        _handle = handle.Share();
    }

    /// <inheritdoc/>
    public SessionLimits Limits { get; }

    /// <inheritdoc/>
    public ReadOnlySpan<int> FailedRows => _failed.AsSpan(0, _failedCount);

    /// <inheritdoc/>
    public DecodeStatus Decode(DecodeBatch batch)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        batch.Check(Limits, _vocabularySize, _lengths);
        _isAborted = false;
        _options.Terminate = false;
        _failedCount = 0;
        _logits.Begin(batch.RowCount);
        DecodeSteps(batch);
        for (var i = 0; i < batch.Count && !_isAborted; i++)
            if (batch.Entries[i].Count > 1 && !TryDecodePieces(batch, batch.Entries[i]) && !_isAborted)
                _failed[_failedCount++] = i;

        return _isAborted ? DecodeStatus.Aborted : _failedCount > 0 ? DecodeStatus.RowsFailed : DecodeStatus.Ok;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> GetLogits(int row)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _logits.Get(row);
    }

    /// <inheritdoc/>
    public int GetLength(int sequence) => _lengths[sequence];

    /// <inheritdoc/>
    public bool TryTruncate(int sequence, int length)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        SequenceChecks.CheckTruncation(_lengths, sequence, length);
        if (length == 0)
        {
            Release(sequence);
        }
        else if (length < _lengths[sequence])
        {
            _pass.Truncated(sequence);
            _lengths[sequence] = length;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool TryCopyPrefix(int source, int target, int length)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        SequenceChecks.CheckCopy(_lengths, source, target, length);
        _pass.Copy(source, target, length);
        _lengths[target] = length;
        return true;
    }

    /// <inheritdoc/>
    public void Release(int sequence)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _pass.Release(sequence, _lengths[sequence]);
        _lengths[sequence] = 0;
    }

    /// <inheritdoc/>
    public void Abort()
    {
        _isAborted = true;
        _options.Terminate = true;
    }

    /// <inheritdoc/>
    public bool IsStalled => _watch.IsStalled(Stopwatch.GetTimestamp());

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        _pass.Dispose();
        _logits.Dispose();
        _options.Dispose();
        _handle.Dispose();
    }

    private void DecodeSteps(DecodeBatch batch)
    {
        var count = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var entry = batch.Entries[i];
            if (entry.Count > 1)
                continue;
            _steps[count] = new StepToken(entry.Sequence, entry.Position, batch.Tokens[entry.Start], entry.FirstRow);
            _stepEntries[count++] = i;
        }

        if (count == 0 || TryStep(_steps.AsSpan(0, count)) || _isAborted)
            return;

        // One of them may be at fault: alone, the others do well.
        for (var i = 0; i < count && !_isAborted; i++)
            if ((count == 1 || !TryStep(_steps.AsSpan(i, 1))) && !_isAborted)
                _failed[_failedCount++] = _stepEntries[i];
    }

    private bool TryStep(ReadOnlySpan<StepToken> tokens)
    {
        _watch.Begin(1, Stopwatch.GetTimestamp());
        try
        {
            _pass.Step(tokens, _lengths, _logits, _options);
        }
        catch (LaunchException)
        {
            return false;
        }
        finally
        {
            _watch.End(Stopwatch.GetTimestamp());
        }

        foreach (var token in tokens)
            _lengths[token.Sequence]++;
        return true;
    }

    private bool TryDecodePieces(DecodeBatch batch, in DecodeBatchEntry entry)
    {
        // The tokens before this one have no wanted logits.
        var firstWanted = entry.Rows switch
        {
            LogitRows.All => 0,
            LogitRows.Last => entry.Count - 1,
            _ => entry.Count,
        };
        var tokens = batch.TokensOf(entry);
        for (var start = 0; start < entry.Count;)
        {
            var count = CutPiece(entry.Count - start);
            var skipped = Math.Clamp(firstWanted - start, 0, count);
            var row = entry.FirstRow + Math.Max(start - firstWanted, 0);
            if (!TryRun(new Chunk(entry.Sequence, entry.Position + start, tokens.Slice(start, count), skipped, row)))
                return false;
            start += count;
        }

        return true;
    }

    /// <summary>The next piece: never a single token at the end of several, which would be computed by other kernels.</summary>
    private int CutPiece(int left) =>
        left <= _chunkTokens ? left
        : left - _chunkTokens == 1 && _chunkTokens > 2 ? _chunkTokens - 1
        : _chunkTokens;

    private bool TryRun(in Chunk chunk)
    {
        if (chunk.Tokens.Length == 1)
            return TryStep([new StepToken(chunk.Sequence, chunk.Position, chunk.Tokens[0], chunk.WantedCount > 0 ? chunk.FirstRow : -1)]);

        _watch.Begin(chunk.Tokens.Length, Stopwatch.GetTimestamp());
        try
        {
            _pass.Run(chunk, _logits, _options);
        }
        catch (LaunchException)
        {
            return false;
        }
        finally
        {
            _watch.End(Stopwatch.GetTimestamp());
        }

        _lengths[chunk.Sequence] += chunk.Tokens.Length;
        return true;
    }
}
