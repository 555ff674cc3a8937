using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Runtime.Tests;

public sealed class ModelRuntimeTests
{
    private static readonly ModelReference Gguf = new("gguf");

    private readonly GatedEngine _llama = new("llama.cpp");
    private readonly GatedEngine _onnx = new("onnx", ModelFormat.OnnxGenAi);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acquire_ManyAtOnce_ShareOneLoad()
    {
        await using var runtime = Create(_llama);
        var waiting = Enumerable.Range(0, 50).Select(_ => runtime.AcquireAsync(null, Gguf, null, Cancellation)).ToList();

        var model = await _llama.CompleteAsync();
        var leases = await Task.WhenAll(waiting);

        Assert.Equal(1, _llama.LoadCount);
        Assert.All(leases, lease => Assert.Same(model, lease.Model));
        Assert.Equal(50, Assert.Single(runtime.GetResidents()).UserCount);
        foreach (var lease in leases) lease.Dispose();
        Assert.Equal(0, Assert.Single(runtime.GetResidents()).UserCount);
    }

    [Fact]
    public async Task Lease_DisposedTwice_CountsOnce()
    {
        await using var runtime = Create(_llama);
        var first = runtime.AcquireAsync(null, Gguf, null, Cancellation);
        await _llama.CompleteAsync();
        using var second = await runtime.AcquireAsync(null, Gguf, null, Cancellation);

        (await first).Dispose();
        (await first).Dispose();

        Assert.Equal(1, Assert.Single(runtime.GetResidents()).UserCount);
    }

    [Fact]
    public async Task Acquire_WhoseLoadFails_TellsAllAndTriesAgain()
    {
        await using var runtime = Create(_llama);
        var waiting = Enumerable.Range(0, 5).Select(_ => runtime.AcquireAsync(null, Gguf, null, Cancellation)).ToList();

        await _llama.FailAsync(new ModelLoadException("broken"));
        foreach (var task in waiting) Assert.Equal("broken", (await Assert.ThrowsAsync<ModelLoadException>(() => task)).Message);
        Assert.Empty(runtime.GetResidents());

        var again = runtime.AcquireAsync(null, Gguf, null, Cancellation);
        await _llama.CompleteAsync();
        (await again).Dispose();
        Assert.Equal(2, _llama.LoadCount);
    }

    [Fact]
    public async Task Acquire_Cancelled_LeavesTheLoadToTheOthers()
    {
        await using var runtime = Create(_llama);
        using var cancel = new CancellationTokenSource();
        var leaving = runtime.AcquireAsync(null, Gguf, null, cancel.Token);
        var staying = runtime.AcquireAsync(null, Gguf, null, Cancellation);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.Equal(1, Assert.Single(runtime.GetResidents()).UserCount);

        await _llama.CompleteAsync();
        (await staying).Dispose();
        Assert.Equal(1, _llama.LoadCount);
    }

    [Fact]
    public async Task Dispose_WithModelsAndLoads_EndsAll()
    {
        var runtime = Create(_llama, _onnx);
        var loaded = runtime.AcquireAsync(null, Gguf, null, Cancellation);
        var model = await _llama.CompleteAsync();
        await loaded;
        var loading = runtime.AcquireAsync(null, new ModelReference("onnx"), null, Cancellation);
        await _onnx.WaitForLoadAsync();

        await runtime.DisposeAsync();
        await runtime.DisposeAsync();

        Assert.Equal(1, model.DisposeCount);
        Assert.Equal(GenerationException.ModelUnloaded, (await Assert.ThrowsAsync<GenerationException>(() => loading)).Code);
        await Assert.ThrowsAsync<GenerationException>(() => runtime.AcquireAsync(null, Gguf, null, Cancellation));
    }

    [Theory]
    [InlineData(null, "gguf", "llama.cpp")]
    [InlineData(null, "onnx", "onnx")]
    [InlineData(null, "both", "llama.cpp")]
    [InlineData("onnx", "both", "onnx")]
    [InlineData("llama.cpp", "both", "llama.cpp")]
    public async Task Acquire_OfEachFormat_TakesTheEngine(string? engine, string model, string expected)
    {
        await using var runtime = Create(_llama, _onnx);
        var acquiring = runtime.AcquireAsync(engine, new ModelReference(model), null, Cancellation);
        await (expected == "onnx" ? _onnx : _llama).CompleteAsync();

        using var lease = await acquiring;

        Assert.Equal(expected, lease.EngineName);
    }

    [Fact]
    public async Task Acquire_OnAnEngineThatCannotServeTheModel_NamesTheOneThatCan()
    {
        await using var runtime = Create(_llama, _onnx);

        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => runtime.AcquireAsync("onnx", Gguf, null, Cancellation));

        Assert.Contains("'llama.cpp' can", error.Message, StringComparison.Ordinal);
        Assert.Equal("model", error.Parameter);
    }

    [Theory]
    [InlineData("none", "gguf")]
    [InlineData("none", "none")]
    [InlineData("onnx", "none")]
    [InlineData(null, "none")]
    public async Task Acquire_OfAnUnknownName_IsNotFound(string? engine, string model)
    {
        await using var runtime = Create(_llama, _onnx);

        await Assert.ThrowsAsync<ModelNotFoundException>(() => runtime.AcquireAsync(engine, new ModelReference(model), null, Cancellation));
    }

    [Fact]
    public async Task Acquire_OnAnUnavailableEngine_SaysWhyOrTakesAnother()
    {
        var absent = new GatedEngine("absent", isAvailable: false);
        await using var runtime = Create(absent, _llama);

        var error = await Assert.ThrowsAsync<EngineUnavailableException>(() => runtime.AcquireAsync("absent", Gguf, null, Cancellation));
        var acquiring = runtime.AcquireAsync(null, Gguf, null, Cancellation);
        await _llama.CompleteAsync();
        using var lease = await acquiring;

        Assert.Contains("no library", error.Message, StringComparison.Ordinal);
        Assert.Equal("llama.cpp", lease.EngineName);
    }

    private static ModelRuntime Create(params IInferenceEngine[] engines) => new(
        new EngineRegistry(engines),
        new ListCatalog(),
        new RuntimeOptions(),
        TimeProvider.System,
        NullLogger<ModelRuntime>.Instance);
}
