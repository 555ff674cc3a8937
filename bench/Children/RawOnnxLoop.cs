using System.Diagnostics;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Children;

/// <summary>
/// What the machine can do with an ONNX graph: one bound launch a step and a greedy pick, with nothing of ours between.
/// All sequences have the same length, so the mask is all ones; keys and values stay in place. The best settings found:
/// threads that spin, everything bound once for each number of sequences.
/// </summary>
internal sealed unsafe class RawOnnxLoop : IDecodeRunner
{
    private const int Chunk = 128;

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly int _capacity;
    private readonly int _vocabularySize;
    private readonly string[] _pasts;
    private readonly nint[] _memory;
    private readonly long[][] _shapes;
    private readonly long[] _next;
    private readonly int[] _resident;

    /// <param name="folder">A GenAI folder.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="sequences">Sequences at most.</param>
    /// <param name="capacity">Tokens of each at most.</param>
    /// <param name="spins">Whether threads wait for their next task without giving their core up.</param>
    /// <param name="profile">Where the times of all nodes are written, in ONNX Runtime's own form; empty to keep none.</param>
    public RawOnnxLoop(string folder, int threads, int sequences, int capacity, bool spins, string profile)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", spins ? "1" : "0");
        if (profile.Length > 0)
        {
            options.ProfileOutputPathPrefix = profile;
            options.EnableProfiling = true;
        }

        _session = new InferenceSession(Path.Combine(folder, "model.onnx"), options);
        _capacity = capacity;
        _vocabularySize = _session.OutputMetadata["logits"].Dimensions[2];
        _pasts = [.. _session.InputNames.Where(name => name.StartsWith("past_key_values.", StringComparison.Ordinal))];
        _shapes = [.. _pasts.Select(name => _session.InputMetadata[name].Dimensions).Select(shape => new long[] { 1, shape[1], capacity, shape[3] })];
        _memory = [.. _shapes.Select(shape => (nint)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)(sequences * Size(shape))))];
        _next = new long[sequences];
        _resident = new int[sequences];
    }

    /// <inheritdoc/>
    public Task<double> RunAsync(Workload workload)
    {
        for (var sequence = 0; sequence < workload.Clients; sequence++)
            Prepare(sequence, workload);

        var logits = new float[workload.Clients * _vocabularySize];
        using var step = new Launch(this, 0, workload.Clients, 1, workload.Clients, logits);
        Step(step, workload, 0, logits);
        var start = Stopwatch.GetTimestamp();
        for (var token = 1; token < workload.Tokens; token++)
            Step(step, workload, token, logits);

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return Task.FromResult(workload.Clients * (workload.Tokens - 1) / seconds);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var memory in _memory)
            System.Runtime.InteropServices.NativeMemory.Free((void*)memory);
        _options.Dispose();
        _session.Dispose();
        return ValueTask.CompletedTask;
    }

    private static long Size(long[] shape) => shape[1] * shape[2] * shape[3] * sizeof(float);

    private void Step(Launch launch, in Workload workload, int step, float[] logits)
    {
        launch.Run(_next.AsSpan(0, workload.Clients), workload.Context + step);
        for (var sequence = 0; sequence < workload.Clients; sequence++)
            _next[sequence] = TensorPrimitives.IndexOfMax(logits.AsSpan(sequence * _vocabularySize, _vocabularySize));
    }

    /// <summary>Makes the sequence hold all of its prompt but the last token, computing only what is not there.</summary>
    private void Prepare(int sequence, in Workload workload)
    {
        var prompt = Workload.Prompt(sequence, workload.Context, _vocabularySize);
        _next[sequence] = prompt[^1];
        if (_resident[sequence] == workload.Context)
            return;

        for (var first = 0; first < prompt.Length - 1; first += Chunk)
        {
            var piece = prompt[first..Math.Min(first + Chunk, prompt.Length - 1)].Select(token => (long)token).ToArray();
            using var launch = new Launch(this, sequence, 1, piece.Length, 1, new float[piece.Length * _vocabularySize]);
            launch.Run(piece, first + piece.Length);
        }

        _resident[sequence] = workload.Context;
    }

    /// <summary>Bound once; a step sets the ids and widens the mask.</summary>
    private sealed class Launch : IDisposable
    {
        private readonly RawOnnxLoop _loop;
        private readonly OrtIoBinding _binding;
        private readonly List<OrtValue> _values = [];
        private readonly long[] _ids;
        private readonly long[] _mask;
        private readonly int _batch;

        public Launch(RawOnnxLoop loop, int first, int batch, int tokens, int maskRows, float[] logits)
        {
            _loop = loop;
            _batch = batch;
            _ids = new long[batch * tokens];
            _mask = new long[maskRows * loop._capacity];
            Array.Fill(_mask, 1);
            _binding = loop._session.CreateIoBinding();
            _binding.BindInput("input_ids", Own(OrtValue.CreateTensorValueFromMemory(_ids, [batch, tokens])));
            _binding.BindOutput("logits", Own(OrtValue.CreateTensorValueFromMemory(logits, [batch, tokens, loop._vocabularySize])));
            for (var i = 0; i < loop._pasts.Length; i++)
            {
                var size = Size(loop._shapes[i]);
                var value = Own(OrtValue.CreateTensorValueWithData(
                    OrtMemoryInfo.DefaultInstance, TensorElementType.Float, [batch, .. loop._shapes[i][1..]],
                    loop._memory[i] + (nint)(first * size), batch * size));
                _binding.BindInput(loop._pasts[i], value);
                _binding.BindOutput(loop._pasts[i].Replace("past_key_values", "present", StringComparison.Ordinal), value);
            }
        }

        public void Run(ReadOnlySpan<long> ids, int total)
        {
            ids.CopyTo(_ids);
            using var mask = OrtValue.CreateTensorValueFromMemory<long>(
                OrtMemoryInfo.DefaultInstance, _mask.AsMemory(0, _batch * total), [_batch, total]);
            _binding.BindInput("attention_mask", mask);
            _loop._session.RunWithBinding(_loop._options, _binding);
        }

        public void Dispose()
        {
            _binding.Dispose();
            foreach (var value in _values)
                value.Dispose();
        }

        private OrtValue Own(OrtValue value)
        {
            _values.Add(value);
            return value;
        }
    }
}
