using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Runtime.Tests;

/// <summary>Who stays in memory, who goes, and what is refused.</summary>
public sealed class ResidencyTests
{
    private readonly GatedEngine _engine = new("llama.cpp") { SizeOf = _ => 40L << 20 };
    private readonly ManualClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Idle_LongerThanItsTime_IsUnloaded()
    {
        await using var runtime = Create();
        var model = await UseAsync(runtime, "gguf");

        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Single(runtime.GetResidents());
        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.Empty(runtime.GetResidents());
        await runtime.DisposeAsync();
        Assert.Equal(1, model.DisposeCount);
    }

    [Fact]
    public async Task InUse_LongerThanItsTime_Stays()
    {
        await using var runtime = Create();
        using var lease = await AcquireAsync(runtime, "gguf");

        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, Assert.Single(runtime.GetResidents()).UserCount);
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(60, 59, false)]
    [InlineData(60, 60, true)]
    [InlineData(-1, 1_000_000, false)]
    public async Task KeepAlive_OfARequest_WinsOverTheSetting(int keepAliveSeconds, int passedSeconds, bool isUnloaded)
    {
        await using var runtime = Create();
        var keepAlive = keepAliveSeconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(keepAliveSeconds);
        (await AcquireAsync(runtime, "gguf", keepAlive)).Dispose();

        _clock.Advance(TimeSpan.FromSeconds(passedSeconds));

        Assert.Equal(isUnloaded, runtime.GetResidents().Count == 0);
    }

    [Fact]
    public async Task Load_ThatAllCallersGaveUpOn_IsIdleFromItsEnd()
    {
        await using var runtime = Create();
        using var cancel = new CancellationTokenSource();
        var leaving = runtime.AcquireAsync(null, new("gguf"), null, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);

        await _engine.CompleteAsync();
        while (runtime.GetResidents() is [{ IsLoading: true }] || _clock.ArmedCount == 0) await Task.Yield();
        _clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Empty(runtime.GetResidents());
    }

    [Fact]
    public async Task Load_WithoutRoom_EvictsTheOneUsedLongestAgo()
    {
        await using var runtime = Create(budget: 100L << 20);
        var first = await UseAsync(runtime, "gguf");
        _clock.Advance(TimeSpan.FromSeconds(1));
        var second = await UseAsync(runtime, "second");
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await runtime.AcquireAsync(null, new("gguf"), null, Cancellation)).Dispose();

        await UseAsync(runtime, "third");

        Assert.Equal((0, 1), (first.DisposeCount, second.DisposeCount));
        Assert.Equal(["gguf", "third"], runtime.GetResidents().Select(resident => resident.ModelName));
        Assert.Equal(80L << 20, runtime.GetResidents().Sum(resident => resident.SizeInBytes));
    }

    [Fact]
    public async Task Load_ThatEvicts_BeginsWhenTheMemoryIsFree()
    {
        await using var runtime = Create(budget: 50L << 20);
        var first = await UseAsync(runtime, "gguf");
        var gate = new TaskCompletionSource();
        first.DisposeGate = gate.Task;

        var loading = runtime.AcquireAsync(null, new("second"), null, Cancellation);
        while (first.DisposeCount == 0) await Task.Yield();
        Assert.Equal(1, _engine.LoadCount);
        gate.SetResult();
        await _engine.CompleteAsync();

        (await loading).Dispose();
        Assert.Equal(2, _engine.LoadCount);
    }

    [Fact]
    public async Task Load_BesideOnesInUseOrLoading_IsRefusedWithTheNumbers()
    {
        await using var runtime = Create(budget: 100L << 20);
        using var used = await AcquireAsync(runtime, "gguf");
        var loading = runtime.AcquireAsync(null, new("second"), null, Cancellation);
        await _engine.WaitForLoadAsync();

        var error = await Assert.ThrowsAsync<Abstractions.Errors.InsufficientMemoryException>(
            () => runtime.AcquireAsync(null, new("third"), null, Cancellation));

        Assert.Contains("needs 40 MiB", error.Message, StringComparison.Ordinal);
        Assert.Contains("20 MiB of the 100 MiB", error.Message, StringComparison.Ordinal);
        Assert.Contains("gguf, second", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsPermanent);
        Assert.Equal(2, runtime.GetResidents().Count);
        await _engine.CompleteAsync();
        (await loading).Dispose();
    }

    [Fact]
    public async Task Load_LargerThanTheWholeBudget_IsRefusedForGood()
    {
        await using var runtime = Create(budget: (40L << 20) - 1);

        var error = await Assert.ThrowsAsync<Abstractions.Errors.InsufficientMemoryException>(
            () => runtime.AcquireAsync(null, new("gguf"), null, Cancellation));

        Assert.True(error.IsPermanent);
    }

    [Fact]
    public async Task Load_ThatFailed_HoldsNoMemory()
    {
        await using var runtime = Create(budget: 50L << 20);
        var failing = runtime.AcquireAsync(null, new("gguf"), null, Cancellation);
        await _engine.FailAsync(new Abstractions.Errors.ModelLoadException("broken"));
        await Assert.ThrowsAsync<Abstractions.Errors.ModelLoadException>(() => failing);

        await UseAsync(runtime, "second");

        Assert.Equal("second", Assert.Single(runtime.GetResidents()).ModelName);
    }

    [Fact]
    public async Task Acquire_OfAnUnhealthyModel_LoadsItAnew()
    {
        await using var runtime = Create();
        var dead = await UseAsync(runtime, "gguf");
        dead.IsHealthy = false;
        Assert.Equal(["gguf"], runtime.GetUnhealthy());

        using var lease = await AcquireAsync(runtime, "gguf");

        Assert.NotSame(dead, lease.Model);
        while (runtime.GetUnhealthy().Count > 0) await Task.Yield();
        Assert.Equal(1, dead.DisposeCount);
    }

    [Fact]
    public async Task Acquire_WhileAnUnhealthyModelHangs_IsNotHeldUpByIt()
    {
        await using var runtime = Create(budget: 100L << 20);
        var dead = await UseAsync(runtime, "gguf");
        var gate = new TaskCompletionSource();
        (dead.IsHealthy, dead.DisposeGate) = (false, gate.Task);

        using var lease = await AcquireAsync(runtime, "gguf");

        Assert.Equal(["gguf"], runtime.GetUnhealthy());
        await Assert.ThrowsAsync<Abstractions.Errors.InsufficientMemoryException>(
            () => runtime.AcquireAsync(null, new("second"), null, Cancellation));
        gate.SetResult();
    }

    [Fact]
    public async Task Unload_OfEverything_SkipsWhatIsInUse()
    {
        await using var runtime = Create();
        await UseAsync(runtime, "gguf");
        await UseAsync(runtime, "second");
        using var used = await AcquireAsync(runtime, "third");

        Assert.Equal(0, await runtime.UnloadAsync("onnx", null));
        Assert.Equal(1, await runtime.UnloadAsync("llama.cpp", ["docker.io/ai/SECOND:latest", "third"]));
        Assert.Equal(1, await runtime.UnloadAsync(null, null));

        Assert.Equal("third", Assert.Single(runtime.GetResidents()).ModelName);
    }

    [Fact]
    public async Task Load_OfAModelWithItsOwnSettings_TakesThem()
    {
        var own = new ModelSettings(new ModelLoadOptions { ContextLength = 77 }, TimeSpan.FromSeconds(3));
        await using var runtime = Create(own: new() { [ModelName.GetKey("second")] = own });

        await UseAsync(runtime, "gguf");
        Assert.Equal(0, _engine.LastOptions!.ContextLength);
        await UseAsync(runtime, "second");
        Assert.Equal(77, _engine.LastOptions.ContextLength);
        Assert.Equal(own.KeepAlive, runtime.GetResidents()[1].KeepAlive);
    }

    [Fact]
    public async Task Load_UnderWay_ShowsItsProgress()
    {
        await using var runtime = Create();
        var loading = runtime.AcquireAsync(null, new("gguf"), null, Cancellation);
        await _engine.WaitForLoadAsync();

        _engine.LastProgress!.Report(0.25f);

        var resident = Assert.Single(runtime.GetResidents());
        Assert.Equal((true, 0.25f, 1, true), (resident.IsLoading, resident.Progress, resident.UserCount, resident.IsHealthy));
        await _engine.CompleteAsync();
        (await loading).Dispose();
    }

    private async Task<ModelLease> AcquireAsync(ModelRuntime runtime, string name, TimeSpan? keepAlive = null)
    {
        var acquiring = runtime.AcquireAsync(null, new ModelReference(name), keepAlive, Cancellation);
        await _engine.CompleteAsync();
        return await acquiring;
    }

    private async Task<EmptyModel> UseAsync(ModelRuntime runtime, string name)
    {
        using var lease = await AcquireAsync(runtime, name);
        return (EmptyModel)lease.Model;
    }

    private ModelRuntime Create(long budget = long.MaxValue / 2, Dictionary<string, ModelSettings>? own = null) => new(
        new EngineRegistry([_engine, new GatedEngine("onnx", ModelFormat.OnnxGenAi)]),
        new ListCatalog(),
        new RuntimeOptions { MemoryBudgetInBytes = budget, Models = own ?? [] },
        _clock,
        NullLogger<ModelRuntime>.Instance);
}
