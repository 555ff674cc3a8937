using System.Numerics.Tensors;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Engine;
using ModelRunner.Generation.Gate;
using InsufficientMemoryException = ModelRunner.Abstractions.Errors.InsufficientMemoryException;

namespace ModelRunner.Generation.Tests.Engine;

public sealed class EmbeddingQueueTests : IAsyncLifetime
{
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(5);

    private readonly ComputeGate _gate = new(TimeProvider.System);
    private readonly ScriptedEmbeddingModel _model = new();
    private readonly EmbeddingQueue _queue;

    // Holds up the batch in flight until it is set.
    private readonly ManualResetEventSlim _release = new();
    private readonly SemaphoreSlim _started = new(0);

    public EmbeddingQueueTests() => _queue = new EmbeddingQueue(_model, _gate);

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        _release.Set();
        await _queue.DisposeAsync();
        Assert.Equal(0, _model.LiveSessions);
        Assert.Null(_gate.HolderName);
        _release.Dispose();
        _started.Dispose();
    }

    [Fact]
    public async Task EmbedAsync_ConcurrentCallers_ShareABatch()
    {
        var first = await HoldUpAsync();
        var others = Enumerable.Range(10, 12).Select(token => Embed([token, token + 1])).ToArray();
        _release.Set();
        await first;
        await Task.WhenAll(others).WaitAsync(Hang, TestContext.Current.CancellationToken);
        Assert.Equal([1, 12], _model.Batches.Select(batch => batch.Length));
    }

    [Fact]
    public async Task EmbedAsync_ManyInputs_KeepTheirOrder()
    {
        var random = new Random(3);
        int[][] inputs = [.. Enumerable.Range(0, 300).Select(index => DrawInput(random, index))];
        var result = await Embed(inputs);
        Assert.Equal(inputs.Length, result.Vectors.Count);
        Assert.Equal(inputs.Sum(input => input.Length), result.TokenCount);
        foreach (var (input, vector) in inputs.Zip(result.Vectors))
            Assert.Equal(Normal(ScriptedEmbeddingModel.VectorOf(input)), vector);
    }

    [Fact]
    public async Task EmbedAsync_Batches_StayNearThePreferredSize()
    {
        await Embed([[.. Enumerable.Repeat(5, 900)], [1], .. Enumerable.Repeat(Enumerable.Repeat(6, 200).ToArray(), 4)]);
        Assert.Equal([[900], [1, 200, 200], [200, 200]], _model.Batches.Select(batch => batch.Select(input => input.Length)));
    }

    [Fact]
    public async Task EmbedAsync_Cancelled_EndsAtOnceAndIsNotComputed()
    {
        var first = await HoldUpAsync();
        using var cancellation = new CancellationTokenSource();
        var cancelled = Embed([77, 77], cancellation.Token);
        var kept = Embed([78, 78]);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Hang, TestContext.Current.CancellationToken));
        _release.Set();
        await first;
        await kept;
        Assert.Equal([78, 78], Assert.Single(_model.Batches[1]));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Embed([1], new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EmbedAsync_EngineFails_FailsThatBatchOnly(bool isExpected)
    {
        // Regression: an exception of another type ended the thread, and every caller from then on waited for ever.
        _model.BeforeBatch = _ => throw (isExpected
            ? new GenerationException(GenerationException.DecodeFailed, "no")
            : new InvalidOperationException("a defect"));
        var error = await Assert.ThrowsAsync<GenerationException>(() => Embed([5]).WaitAsync(Hang, TestContext.Current.CancellationToken));
        Assert.Equal(GenerationException.DecodeFailed, error.Code);
        _model.BeforeBatch = static _ => { };
        Assert.Single((await Embed([5])).Vectors);
    }

    [Fact]
    public async Task EmbedAsync_SessionCannotBeMade_SaysSoAndTriesAgain()
    {
        _model.BeforeSession = () => throw new InsufficientMemoryException("too little");
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<InsufficientMemoryException>(() => Embed([5]).WaitAsync(Hang, TestContext.Current.CancellationToken));

        _model.BeforeSession = static () => { };
        Assert.Single((await Embed([5])).Vectors);
    }

    [Fact]
    public async Task EmbedAsync_Dimensions_AreTheFirstOfThemBroughtToLengthOne()
    {
        int[] input = [3, 5, 4];
        var whole = (await Embed([input])).Vectors[0];
        Assert.Equal(1, TensorPrimitives.Norm<float>(whole), 1e-6f);
        var cut = (await EmbedDimensions(input, 2)).Vectors[0];
        Assert.Equal(Normal(ScriptedEmbeddingModel.VectorOf(input)[..2]), cut);
        Assert.Equal(whole, (await EmbedDimensions(input, ScriptedEmbeddingModel.Width)).Vectors[0]);

        // Regression: more dimensions than there are were cut without a word.
        foreach (var count in new[] { 0, -1, ScriptedEmbeddingModel.Width + 1 })
            Assert.Equal("dimensions", (await Assert.ThrowsAsync<InvalidRequestException>(() => EmbedDimensions(input, count))).Parameter);
    }

    [Fact]
    public async Task EmbedAsync_BadInput_IsRefusedAndNothingIsQueued()
    {
        foreach (var bad in new int[][] { [], [.. Enumerable.Repeat(5, 901)], [5, 100], [-1] })
            Assert.Equal("input", (await Assert.ThrowsAsync<InvalidRequestException>(() => Embed([[5], bad]))).Parameter);

        Assert.Empty(_model.Batches);
    }

    [Fact]
    public async Task EmbedAsync_TokensOfAnotherVocabulary_NamesTheSettingOfTheClientThatSendsThem()
    {
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => Embed([5, 100]));

        Assert.Contains("The token 100 is not in the vocabulary", error.Message, StringComparison.Ordinal);
        Assert.Contains("check_embedding_ctx_length=False", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmbedAsync_FullQueue_QueuesAllOrNothing()
    {
        // Regression: the inputs that still fitted stayed in the queue of a request that was refused.
        var first = await HoldUpAsync();
        var large = Embed([.. Enumerable.Repeat(new[] { 7 }, EmbeddingQueue.MaxQueuedInputs - 10)]);
        await Assert.ThrowsAsync<ServerBusyException>(() => Embed([.. Enumerable.Repeat(new[] { 8 }, 11)]));
        var small = Embed([.. Enumerable.Repeat(new[] { 9 }, 10)]);
        _release.Set();
        await Task.WhenAll(first, large, small).WaitAsync(Hang, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(8, _model.Batches.SelectMany(batch => batch).SelectMany(input => input));
        var tooMany = await Assert.ThrowsAsync<InvalidRequestException>(
            () => Embed([.. Enumerable.Repeat(new[] { 7 }, EmbeddingQueue.MaxQueuedInputs + 1)]));
        Assert.Equal("input", tooMany.Parameter);
    }

    [Fact]
    public async Task Embed_TakesItsTurnAtTheGate()
    {
        using var other = _gate.CreateUser("other");
        other.Enter();
        string? holder = null;
        _model.BeforeBatch = _ => holder = _gate.HolderName;
        var waiting = Embed([5]);
        AwaitGate(() => _gate.WaitingCount == 1);
        Assert.Empty(_model.Batches);
        other.Exit();
        await waiting.WaitAsync(Hang, TestContext.Current.CancellationToken);
        Assert.Equal("embeddings scripted", holder);

        // An idle queue keeps nobody from computing.
        AwaitGate(() => _gate.HolderName is null);
    }

    [Fact]
    public async Task DisposeAsync_WhileTheGateIsTaken_FailsWhatWaits()
    {
        using var other = _gate.CreateUser("other");
        other.Enter();
        var waiting = Enumerable.Range(5, 40).Select(token => Embed([token])).ToArray();
        AwaitGate(() => _gate.WaitingCount == 1);
        await _queue.DisposeAsync().AsTask().WaitAsync(Hang, TestContext.Current.CancellationToken);
        foreach (var call in waiting)
            await AssertUnloadedAsync(call);

        Assert.Empty(_model.Batches);
        Assert.Equal(0, _model.LiveSessions);
        other.Exit();
    }

    [Fact]
    public async Task DisposeAsync_WhileABatchRuns_FailsTheOthers()
    {
        var first = await HoldUpAsync();
        var second = Embed([6]);
        var disposed = _queue.DisposeAsync().AsTask();
        Assert.False(disposed.IsCompleted);
        _release.Set();
        await disposed.WaitAsync(Hang, TestContext.Current.CancellationToken);
        Assert.Single((await first).Vectors);
        await AssertUnloadedAsync(second);
    }

    [Fact]
    public async Task EmbedAsync_AfterDisposal_SaysThatTheModelIsGone()
    {
        // Regression: it made a session of a model that was freed.
        await _queue.DisposeAsync();
        await AssertUnloadedAsync(Embed([5]));
        Assert.Equal(0, _model.LiveSessions);
    }

    [Fact]
    public async Task IsStalled_IsWhatTheSessionSays()
    {
        // Regression: an encoder was always ready, also over an engine that hung.
        _model.IsStalled = true;
        Assert.False(_queue.IsStalled);
        var first = await HoldUpAsync();
        Assert.True(_queue.IsStalled);
        _model.IsStalled = false;
        Assert.False(_queue.IsStalled);
        _release.Set();
        await first;
    }

    [Fact]
    public async Task Thread_ThatDies_FailsThoseWhoWaitAndIsSeen()
    {
        // Regression: those that waited did so for ever, and the server said that it was ready.
        Assert.True(_queue.IsHealthy);
        _model.BeforeCollecting = static () => throw new InvalidOperationException("planted");
        await Assert.ThrowsAsync<GenerationException>(() => Embed([5]).WaitAsync(Hang, TestContext.Current.CancellationToken));
        Assert.True(SpinWait.SpinUntil(() => !_queue.IsHealthy, Hang));
        Assert.True(_queue.IsStalled);
        await Assert.ThrowsAsync<GenerationException>(() => Embed([6]).WaitAsync(Hang, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task EmbedAsync_RankingModel_IsRefused()
    {
        var model = new ScriptedEmbeddingModel { Info = _model.Info with { Pooling = PoolingKind.Rank } };
        await using var queue = new EmbeddingQueue(model, _gate);
        var error = await Assert.ThrowsAsync<InvalidRequestException>(
            () => queue.EmbedAsync(new EmbeddingRequest([PromptInput.FromText("abc")]), TestContext.Current.CancellationToken));
        Assert.Equal("model", error.Parameter);
    }

    /// <summary>A first call whose batch is held up until the release; the others of the test wait behind it.</summary>
    private async Task<Task<EmbeddingResult>> HoldUpAsync()
    {
        _model.BeforeBatch = _ =>
        {
            _started.Release();
            Assert.True(_release.Wait(Hang));
        };
        var first = Embed([3]);
        Assert.True(await _started.WaitAsync(Hang, TestContext.Current.CancellationToken));
        return first;
    }

    private Task<EmbeddingResult> Embed(int[] input, CancellationToken? cancellationToken = null) => _queue.EmbedAsync(
        new EmbeddingRequest([PromptInput.FromTokens(input)]), cancellationToken ?? TestContext.Current.CancellationToken);

    private Task<EmbeddingResult> Embed(int[][] inputs) => _queue.EmbedAsync(
        new EmbeddingRequest([.. inputs.Select(PromptInput.FromTokens)]), TestContext.Current.CancellationToken);

    private Task<EmbeddingResult> EmbedDimensions(int[] input, int count) => _queue.EmbedAsync(
        new EmbeddingRequest([PromptInput.FromTokens(input)], count), TestContext.Current.CancellationToken);

    private static async Task AssertUnloadedAsync(Task call)
    {
        var error = await Assert.ThrowsAsync<GenerationException>(() => call.WaitAsync(Hang, TestContext.Current.CancellationToken));
        Assert.Equal(GenerationException.ModelUnloaded, error.Code);
    }

    private static void AwaitGate(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Hang));

    private static int[] DrawInput(Random random, int index) =>
        [index % 100, .. Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(100))];

    private static float[] Normal(float[] vector)
    {
        var norm = TensorPrimitives.Norm<float>(vector);
        return [.. vector.Select(component => component / norm)];
    }
}
