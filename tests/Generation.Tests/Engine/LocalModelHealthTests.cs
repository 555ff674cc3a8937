using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Engine;
using ModelRunner.Generation.Gate;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Engine;

/// <summary>What a loaded model says of itself when its loop has died or does not come back from a step.</summary>
public sealed class LocalModelHealthTests
{
    private static readonly TimeSpan HangLimit = TimeSpan.FromMinutes(5);

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Loop_ThatDies_TellsItsRequestsAndIsUnhealthy()
    {
        await using var model = Create(new ScriptedTokenModel(_ => throw new InvalidOperationException("defect")));
        Assert.False(model.IsStalled);

        await Assert.ThrowsAsync<GenerationException>(() => GenerateAsync(model));

        Assert.True(SpinWait.SpinUntil(() => !model.IsHealthy, HangLimit));
        Assert.True(model.IsStalled);
    }

    [Fact]
    public async Task Step_ThatTheEngineCallsStalled_IsShownAtOnceAndPasses()
    {
        var isStalled = false;
        using var step = new BlockedStep();
        await using var model = Create(new ScriptedTokenModel(step.Run, () => Volatile.Read(ref isStalled)));
        var answer = GenerateAsync(model);
        await step.Entered;
        Assert.False(model.IsStalled);

        Volatile.Write(ref isStalled, true);
        Assert.True(model.IsStalled);
        Assert.True(model.IsHealthy);

        Volatile.Write(ref isStalled, false);
        step.Release();
        await answer;
        Assert.False(model.IsStalled);
    }

    [Fact]
    public async Task Step_OfAnEngineThatCannotTell_IsStalledAfterAMinute()
    {
        using var step = new BlockedStep();
        await using var model = Create(new ScriptedTokenModel(step.Run));
        var answer = GenerateAsync(model);
        await step.Entered;

        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(model.IsStalled);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(model.IsStalled);
        Assert.False(model.IsHealthy);

        step.Release();
        await answer;
    }

    [Fact]
    public async Task FirstStep_OfWorkThatCameBeforeTheLoop_IsWatchedToo()
    {
        using var step = new BlockedStep();
        var model = new ScriptedTokenModel(step.Run);
        var scheduler = new Scheduler(
            () => model.CreateSession(new SessionOptions()), model.Tokenizer, new SchedulerOptions(), new ComputeGate(_clock).CreateUser("test"), _clock);
        var feed = scheduler.Submit(new GenerationRequest { Prompt = [3, 4, 5], Output = new OutputOptions { MaxTokens = 2 } });
        await using var loop = new SchedulerLoop(scheduler, "test", _clock, NullLogger.Instance);
        await step.Entered;

        _clock.Advance(TimeSpan.FromSeconds(61));
        var isHealthy = loop.IsHealthy;
        step.Release();
        await foreach (var update in feed.ReadAllAsync(TestContext.Current.CancellationToken))
            Assert.Equal(0, update.Choice);

        Assert.False(isHealthy);
    }

    private LocalModel Create(ScriptedTokenModel model) => new(
        model,
        new ModelBundle { Name = "scripted", Formats = ModelFormat.Gguf },
        ModelLoadOptions.Default,
        new SchedulerOptions(),
        new ComputeGate(_clock),
        _clock,
        NullLogger.Instance);

    private static async Task GenerateAsync(LocalModel model)
    {
        var request = new CompletionRequest { Prompt = PromptInput.FromTokens([3, 4, 5]), Output = new OutputOptions { MaxTokens = 2 } };
        await foreach (var update in model.CompleteAsync(request, TestContext.Current.CancellationToken))
            Assert.Equal(0, update.ChoiceIndex);
    }

    /// <summary>The first step waits for its release.</summary>
    private sealed class BlockedStep : IDisposable
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _released = new();

        public Task Entered => _entered.Task;

        public DecodeStatus Run(DecodeBatch batch)
        {
            _entered.TrySetResult();
            _released.Wait(HangLimit);
            return DecodeStatus.Ok;
        }

        public void Release() => _released.Set();

        public void Dispose() => _released.Dispose();
    }
}
