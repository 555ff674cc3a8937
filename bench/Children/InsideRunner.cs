using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Bench.Measuring;
using ModelRunner.Engines.LlamaCpp;
using ModelRunner.Engines.Onnx;
using ModelRunner.Generation.Engine;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Bench.Children;

/// <summary>The engine inside the process, as an application that references it would use it: no HTTP.</summary>
internal sealed class InsideRunner : IDecodeRunner
{
    private readonly IEngineModel _model;

    private InsideRunner(IEngineModel model) => _model = model;

    public static async Task<InsideRunner> StartAsync(string path, ModelLoadOptions load)
    {
        var isOnnx = Directory.Exists(path);
        var engine = new LocalInferenceEngine(
            isOnnx ? "onnx" : "llama.cpp",
            isOnnx
                ? new OnnxModelLoader(new OnnxOptions { ThreadCount = load.ThreadCount }, NullLoggerFactory.Instance)
                : new LlamaModelLoader(new LlamaOptions(), NullLoggerFactory.Instance, TimeProvider.System),
            new ComputeGate(TimeProvider.System),
            new SchedulerOptions(),
            probe: null,
            TimeProvider.System,
            NullLoggerFactory.Instance);
        var bundle = new ModelBundle
        {
            Name = "bench",
            Formats = isOnnx ? ModelFormat.OnnxGenAi : ModelFormat.Gguf,
            GgufPath = isOnnx ? null : path,
            OnnxFolder = isOnnx ? path : null,
        };
        return new InsideRunner(await engine.LoadAsync(bundle, load, null, CancellationToken.None));
    }

    /// <inheritdoc/>
    public async Task<double> RunAsync(Workload workload)
    {
        var streams = Enumerable.Range(0, workload.Clients).Select(client => Task.Run(() => StreamAsync(client, workload)));
        return DecodeRate.Of(await Task.WhenAll(streams));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _model.DisposeAsync();

    private async Task<IReadOnlyList<long>> StreamAsync(int client, Workload workload)
    {
        var arrivals = new List<long>(workload.Tokens);
        var request = new CompletionRequest
        {
            Prompt = PromptInput.FromTokens(workload.PromptOf(client, _model.Info.VocabularySize)),
            Sampling = new SamplingOptions { Temperature = 0 },
            Output = new OutputOptions { MaxTokens = workload.Tokens, IgnoreEndOfGeneration = true },
        };
        await foreach (var update in ((ICompletionModel)_model).CompleteAsync(request, CancellationToken.None))
            if (update.FinishReason == FinishReason.None)
                arrivals.Add(Stopwatch.GetTimestamp());

        return arrivals;
    }
}
