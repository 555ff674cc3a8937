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
        Assert.Contains("asks for qnn, which cannot be used here (it is not in this build): it computes without", Warning(), StringComparison.Ordinal);
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

    /// <summary>An accelerator without its device starts, and then makes no session, or one that computes nothing.</summary>
    [Theory]
    [InlineData(false, "ONNX Runtime refuses model.onnx: ")]
    [InlineData(true, "the graph does not decode: ")]
    public void Load_AcceleratorThatFailsWithTheGraph_FallsBackOrFails(bool opens, string reason)
    {
        AskFor("""{"webgpu": {}}""");
        var providers = new ListedProviders { ["WebGPU"] = opens ? FailLaunches : FailToOpen };
        CheckDecodes(providers);
        Assert.Contains($"asks for WebGPU, which cannot be used here ({reason}", Warning(), StringComparison.Ordinal);
        var exception = Assert.Throws<ModelLoadException>(() => LoadedModel.Load(_folder.Path, engine: Required, providers: providers));
        Assert.Contains($"genai_config.json asks for 'WebGPU', which cannot start: {reason}", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The first of two cannot start: the other is used all the same.</summary>
    [Fact]
    public void Load_SecondAccelerator_IsUsedWithoutTheFirst()
    {
        AskFor("""{"cuda": {}}, {"webgpu": {}}""");
        var providers = new ListedProviders { ["WebGPU"] = Compute };
        CheckDecodes(providers);
        Assert.Contains("asks for CUDA", Warning(), StringComparison.Ordinal);
        Assert.Equal("WebGPU", providers.Appended[^1].Name);
    }

    /// <summary>Two start, and make no session together: each is tried alone.</summary>
    [Theory]
    [InlineData("""{"TensorRT": {}}, {"cuda": {"device_id": 1}}""", "TensorRT, CUDA", "TensorRT")]
    [InlineData("""{"cuda": {"device_id": 1}}, {"TensorRT": {}}""", "CUDA, TensorRT")]
    public void Load_OneOfTwoAcceleratorsFailsWithTheGraph_UsesTheOther(string asked, params string[] failing)
    {
        AskFor(asked);
        var providers = new ListedProviders { ["TensorRT"] = FailToOpen, ["CUDA"] = Compute };
        CheckDecodes(providers);
        Assert.Equal(failing, _logs.Lines.Where(line => line.StartsWith("Warning", StringComparison.Ordinal)).Select(line => line.Split(["asks for ", ", which"], StringSplitOptions.None)[1]));
        Assert.Equal("CUDA", providers.Appended[^1].Name);
        Assert.Equal("1", providers.Appended[^1].Options["device_id"]);
        Assert.Throws<ModelLoadException>(() => LoadedModel.Load(_folder.Path, engine: Required, providers: providers));
    }

    [Fact]
    public void Load_ProviderOptions_ArriveButForThoseThatAFolderMayNotSet()
    {
        AskFor("""{"cuda": {"device_id": 1, "gpu_mem_limit": "1073741824", "gpu_external_alloc": "4198400", "use_tf32": false}}""");
        var providers = new ListedProviders { ["CUDA"] = Compute };
        CheckDecodes(providers);
        Assert.All(providers.Appended, provider => Assert.Equal(
            [("device_id", "1"), ("gpu_mem_limit", "1073741824"), ("use_tf32", "false")],
            provider.Options.Select(option => (option.Key, option.Value)).Order()));
        Assert.Single(_logs.Lines, line => line.Contains("sets gpu_external_alloc of cuda, which a folder may not: that is ignored", StringComparison.Ordinal));
    }

    /// <summary>An accelerator copies what is bound to it: there the cache cannot be written in place.</summary>
    [Theory]
    [InlineData(false, "in place")]
    [InlineData(true, "growing")]
    public void Load_GraphThatSharesMemory_DoesSoOnTheCpuAlone(bool isAccelerated, string expected)
    {
        TinyDecoderFolder.Write(new TinyDecoder(new() { IsShared = true }), _folder.Path);
        if (isAccelerated)
            AskFor("""{"cuda": {}}""");
        CheckDecodes(new ListedProviders { ["CUDA"] = Compute });
        Assert.Contains($"KV cache {expected}", Assert.Single(_logs.Lines), StringComparison.Ordinal);
    }

    /// <summary>What has nothing to do with the KV cache is not put down to it.</summary>
    [Fact]
    public void Load_MissingAcceleratorOfAFolderWithASmallerKvCache_DoesNotBlameTheCache()
    {
        TinyDecoderFolder.Write(new TinyDecoder(new() { KvType = "fp16" }), _folder.Path);
        AskFor("""{"qnn": {}}""");
        var exception = Assert.Throws<ModelLoadException>(() => LoadedModel.Load(_folder.Path, engine: Required));
        Assert.Contains("'qnn', which cannot start", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("KV cache", exception.Message, StringComparison.Ordinal);
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

    /// <summary>The CPU in its place.</summary>
    private static void Compute(OrtSessionOptions options)
    {
    }

    /// <summary>The graph is of the other format.</summary>
    private static void FailToOpen(OrtSessionOptions options) => options.AddSessionConfigEntry("session.load_model_format", "ORT");

    /// <summary>No prompt has so many tokens.</summary>
    private static void FailLaunches(OrtSessionOptions options) => options.AddFreeDimensionOverrideByName("tokens", 1000);

    /// <summary>A library that lists every accelerator. Those that were added start; the others are as in the one of this process.</summary>
    private sealed class ListedProviders : Dictionary<string, Action<OrtSessionOptions>>, IExecutionProviders
    {
        private readonly LibraryProviders _library = new();

        /// <summary>Those that have started, each as often as it has.</summary>
        public List<ProviderConfig> Appended { get; } = [];

        public IReadOnlyList<string> Available =>
        [
            "CUDAExecutionProvider", "TensorrtExecutionProvider", "ROCMExecutionProvider", "DmlExecutionProvider",
            "OpenVINOExecutionProvider", "NvTensorRTRTXExecutionProvider", "WebGpuExecutionProvider", "CPUExecutionProvider",
        ];

        public void Append(OrtSessionOptions options, ProviderConfig provider)
        {
            if (!TryGetValue(provider.Name, out var append))
            {
                _library.Append(options, provider);
                return;
            }

            Appended.Add(provider);
            append(options);
        }
    }
}
