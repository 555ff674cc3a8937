using System.Diagnostics;
using System.Numerics.Tensors;
using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Bench.Measuring;
using ModelRunner.Engines.LlamaCpp.Native;

namespace ModelRunner.Bench.Children;

/// <summary>
/// What the machine can do: <c>llama_decode</c> in a loop with a greedy pick, on the bare binding, with nothing of ours
/// between. The same prompts, batch widths and thread counts as the other sides, and the best settings found: no flash
/// attention, threads that stay from step to step.
/// </summary>
internal sealed unsafe class RawLoop : IDecodeRunner
{
    private readonly nint _model;
    private readonly nint _context;
    private readonly nint _memory;
    private readonly int _vocabularySize;
    private readonly NativeBatch _batch = new(2048);
    private readonly int[] _next;
    private readonly int[] _resident;

    public RawLoop(string path, int threads, int sequences, int contextPerSequence, bool isPooled)
    {
        if (LlamaLibrary.Load(null, NullLogger.Instance) is { IsAvailable: false } status)
            throw new InvalidOperationException(status.Reason);

        _model = LlamaApi.llama_model_load_from_file(path, LlamaApi.llama_model_default_params());
        var parameters = LlamaApi.llama_context_default_params();
        parameters.ContextSize = (uint)(sequences * contextPerSequence);
        parameters.MaxSequences = (uint)sequences;
        parameters.ThreadCount = parameters.BatchThreadCount = threads;
        parameters.UnifiedKv = isPooled ? (byte)1 : (byte)0;
        parameters.FlashAttentionType = 0;
        parameters.NoPerformance = 1;
        _context = LlamaApi.llama_init_from_model(_model, parameters);
        if (_model == 0 || _context == 0)
            throw new InvalidOperationException(LlamaLibrary.TakeLastError());

        ComputeThreads.Get(threads).Attach(_context);
        _memory = LlamaApi.llama_get_memory(_context);
        _vocabularySize = LlamaApi.llama_vocab_n_tokens(LlamaApi.llama_model_get_vocab(_model));
        _next = new int[sequences];
        _resident = new int[sequences];
    }

    /// <inheritdoc/>
    public Task<double> RunAsync(Workload workload)
    {
        for (var sequence = 0; sequence < workload.Clients; sequence++)
            Prepare(sequence, workload);

        // Others would still be part of a pooled cache.
        for (var sequence = workload.Clients; sequence < _resident.Length; sequence++)
            LlamaApi.llama_memory_seq_rm(_memory, sequence, _resident[sequence] = 0, -1);

        Step(workload, 0);
        var start = Stopwatch.GetTimestamp();
        for (var step = 1; step < workload.Tokens; step++)
            Step(workload, step);

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return Task.FromResult(workload.Clients * (workload.Tokens - 1) / seconds);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        LlamaApi.llama_free(_context);
        LlamaApi.llama_model_free(_model);
        _batch.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes the sequence hold all of its prompt but the last token, computing only what is not there.</summary>
    private void Prepare(int sequence, in Workload workload)
    {
        var prompt = workload.PromptOf(sequence, _vocabularySize);
        _next[sequence] = prompt[^1];
        var wanted = workload.Context - 1;
        if (_resident[sequence] != workload.Context)
            LlamaApi.llama_memory_seq_rm(_memory, sequence, _resident[sequence] = 0, -1);
        else
            LlamaApi.llama_memory_seq_rm(_memory, sequence, wanted, -1);

        if (_resident[sequence] == 0)
        {
            var shared = sequence == 0 ? 0 : workload.SharedLength;
            if (shared > 0)
            {
                // Between the regions of two sequences only the whole can be copied.
                LlamaApi.llama_memory_seq_cp(_memory, 0, sequence, -1, -1);
                LlamaApi.llama_memory_seq_rm(_memory, sequence, shared, -1);
            }

            for (var first = shared; first < wanted; first += 512)
            {
                _batch.Clear();
                for (var i = first; i < Math.Min(first + 512, wanted); i++)
                    _batch.Add(prompt[i], i, sequence, hasOutput: false);
                Decode();
            }
        }

        _resident[sequence] = workload.Context;
    }

    private void Step(in Workload workload, int step)
    {
        _batch.Clear();
        for (var sequence = 0; sequence < workload.Clients; sequence++)
            _batch.Add(_next[sequence], workload.Context - 1 + step, sequence, hasOutput: true);
        Decode();
        for (var sequence = 0; sequence < workload.Clients; sequence++)
        {
            var logits = new ReadOnlySpan<float>(LlamaApi.llama_get_logits_ith(_context, sequence), _vocabularySize);
            _next[sequence] = TensorPrimitives.IndexOfMax(logits);
        }
    }

    private void Decode()
    {
        if (LlamaApi.llama_decode(_context, _batch.Value) is not 0 and var code)
            throw new InvalidOperationException($"llama_decode gave {code}.");
    }
}
