using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.Onnx.Config;
using ModelRunner.Engines.Onnx.Runtime;
using ModelRunner.Testing;
using OrtSessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace ModelRunner.Engines.Onnx.Tests.Runtime;

/// <summary>A folder that asks for accelerators which this build has not, or has and which do not start.</summary>
public sealed class SessionOpenerTests : IDisposable
{
    private static readonly OnnxOptions Required = new() { RequiresProviders = true };

    private readonly TemporaryFolder _folder = new();
    private readonly CapturedLogs _logs = new();

    public SessionOpenerTests() => TinyDecoderFolder.Write(new TinyDecoder(new()), _folder.Path);

    [Fact]
    public void Load_MissingAccelerator_ComputesOnTheCpuWithAWarning()
    {
        AskFor("""{"qnn": {"device_id": "0"}}""");
        CheckDecodes();
        Assert.Contains("asks for qnn, which this build or machine does not have (it is not in this build): it computes on the CPU", Warning(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MissingAcceleratorThatIsRequired_IsRefusedByName()
    {
        AskFor("""{"qnn": {"device_id": "0"}}""");
        var exception = Assert.Throws<ModelLoadException>(() => LoadedModel.Load(_folder.Path, engine: Required));
        Assert.Contains("'qnn', which cannot start: it is not in this build", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Whoever wants nothing on the accelerator misses none. The trial run loads like that.</summary>
    [Fact]
    public void Load_RequiredAcceleratorWithoutLayersForIt_ComputesOnTheCpu()
    {
        AskFor("""{"qnn": {"device_id": "0"}}""");
        using var model = LoadedModel.Load(_folder.Path, new ModelLoadOptions { ThreadCount = 1, GpuLayerCount = 0 }, Required);
        Assert.Equal(TinyDecoder.Vocabulary, model.Info.VocabularySize);
    }

    /// <summary>
    /// What the library itself says where it lists an accelerator that it cannot give: CUDA and TensorRT have calls of their
    /// own, the call by name would find none of that name in any build.
    /// </summary>
    [Theory]
    [InlineData("""{"cuda": {"device_id": "0"}}""", "CUDA execution provider is not enabled in this build")]
    [InlineData("""{"TensorRT": {"device_id": "0"}}""", "TensorRT execution provider is not enabled in this build")]
    [InlineData("""{"rocm": {"device_id": "0"}}""", "ROCM execution provider is not enabled in this build")]
    [InlineData("""{"dml": {"device_id": "0"}}""", "DML execution provider is not supported in this build")]
    [InlineData("""{"OpenVINO": {"device_type": "CPU"}}""", "OpenVINO execution provider is not supported in this build")]
    [InlineData("""{"NvTensorRtRtx": {"device_id": "0"}}""", "NvTensorRtRtx execution provider is not supported in this build")]
    public void Load_AcceleratorThatTheLibraryRefuses_FallsBackOrFails(string asked, string reason)
    {
        OnnxLibrary.Start(threadCount: 0);
        Assert.SkipUnless(new LibraryProviders().Available is ["CPUExecutionProvider"], "this build has accelerators");
        AskFor(asked);
        CheckDecodes(new ListedProviders());
        Assert.Contains(reason, Warning(), StringComparison.Ordinal);
        var exception = Assert.Throws<ModelLoadException>(() => LoadedModel.Load(_folder.Path, engine: Required, providers: new ListedProviders()));
        Assert.Contains("which cannot start: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>An accelerator without its device starts, and then makes no session.</summary>
    [Fact]
    public void Load_AcceleratorThatFailsWithTheGraph_FallsBackOrFails()
    {
        AskFor("""{"webgpu": {}}""");
        CheckDecodes(new ListedProviders("WebGPU"));
        Assert.Contains("asks for WebGPU, which this build or machine does not have (ONNX Runtime refuses model.onnx: ", Warning(), StringComparison.Ordinal);
        var exception = Assert.Throws<ModelLoadException>(() => LoadedModel.Load(_folder.Path, engine: Required, providers: new ListedProviders("WebGPU")));
        Assert.Contains("genai_config.json asks for 'WebGPU', which cannot start: ONNX Runtime refuses model.onnx", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The first of two cannot start: the other is used all the same.</summary>
    [Fact]
    public void Load_SecondAccelerator_IsUsedWithoutTheFirst()
    {
        AskFor("""{"cuda": {}}, {"webgpu": {}}""");
        var providers = new ListedProviders("WebGPU") { IsWhole = true };
        CheckDecodes(providers);
        Assert.Contains("asks for CUDA", Warning(), StringComparison.Ordinal);
        Assert.True(providers.IsInUse);
    }

    public void Dispose() => _folder.Dispose();

    private void AskFor(string providers)
    {
        var config = Path.Combine(_folder.Path, "genai_config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace(
            "\"decoder\": {", "\"decoder\": {\"session_options\": {\"provider_options\": [" + providers + "]},", StringComparison.Ordinal));
    }

    private void CheckDecodes(IExecutionProviders? providers = null)
    {
        using var model = LoadedModel.Load(_folder.Path, loggers: _logs, providers: providers);
        using var session = model.CreateSession(LoadedModel.Options(1, 16));
        Assert.Equal(DecodeStatus.Ok, session.Decode(new DecodeBatch(4, 1), 0, [1, 2], LogitRows.Last));
    }

    private string Warning() => Assert.Single(_logs.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));

    /// <summary>A library that lists every accelerator, and gives what the one in this process gives, but for one.</summary>
    /// <param name="started">One that starts.</param>
    private sealed class ListedProviders(string? started = null) : IExecutionProviders
    {
        private readonly LibraryProviders _library = new();

        /// <summary>Whether a session can be made with the one that starts; none can, when not.</summary>
        public bool IsWhole { get; init; }

        public bool IsInUse { get; private set; }

        public IReadOnlyList<string> Available =>
        [
            "CUDAExecutionProvider", "TensorrtExecutionProvider", "ROCMExecutionProvider", "DmlExecutionProvider",
            "OpenVINOExecutionProvider", "NvTensorRTRTXExecutionProvider", "WebGpuExecutionProvider", "CPUExecutionProvider",
        ];

        public void Append(OrtSessionOptions options, ProviderConfig provider)
        {
            if (provider.Name != started)
            {
                _library.Append(options, provider);
                return;
            }

            IsInUse = true;
            if (!IsWhole)
                options.AddSessionConfigEntry("session.load_model_format", "ORT"); // The graph is of the other format.
        }
    }
}
