using System.Numerics.Tensors;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.LlamaCpp.Tests;

public sealed class LlamaDecodeSessionTests
{
    private static readonly int[] Prompt = [.. Enumerable.Range(0, 40).Select(i => 5 + (i * 7 % 90))];

    private readonly DecodeBatch _batch = new(512, 64);

    public static TheoryData<KvCacheLayout> Layouts => [KvCacheLayout.PerSequence, KvCacheLayout.Pooled];

    [Fact]
    public void Decode_BatchOfSixteen_GivesTheLogitsOfEachAlone()
    {
        using var model = LoadedModel.Load(SharedData.Stories260K);
        foreach (var (isDeterministic, bound) in new[] { (false, 3e-2f), (true, 1e-4f) })
        {
            using var session = model.CreateSession(LoadedModel.Options(17, 128) with { Deterministic = isDeterministic });
            for (var sequence = 0; sequence < 16; sequence++)
                Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, sequence, Prompt.AsSpan(0, 3 + sequence), LogitRows.None));

            _batch.Clear();
            for (var sequence = 0; sequence < 16; sequence++)
                _batch.Add(sequence, session.GetLength(sequence), [20 + sequence], LogitRows.Last);

            Assert.Equal(DecodeStatus.Ok, session.Decode(_batch));
            var together = Enumerable.Range(0, 16).Select(row => session.GetLogits(row).ToArray()).ToArray();
            for (var sequence = 0; sequence < 16; sequence++)
            {
                session.Release(16);
                session.Decode(_batch, 16, Prompt.AsSpan(0, 3 + sequence), LogitRows.None);
                session.Decode(_batch, 16, [20 + sequence], LogitRows.Last);
                AssertClose(session.GetLogits(0), together[sequence], bound);
            }
        }
    }

    [Fact]
    public void Decode_Chunks_GiveTheLogitsOfOneShot()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateSession(LoadedModel.Options(2, 64));
        session.Decode(_batch, 0, Prompt, LogitRows.Last);
        var whole = session.GetLogits(0).ToArray();
        foreach (var chunk in Prompt.Chunk(7))
            Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 1, chunk, LogitRows.Last));

        AssertClose(session.GetLogits(0), whole, 1e-3f);
    }

    [Theory]
    [InlineData(KvCacheLayout.PerSequence, 4)]
    [InlineData(KvCacheLayout.Pooled, 1)]
    public void Limits_EveryLayout_GroupTokensOnlyWhereAChunkIsComputedByItself(KvCacheLayout layout, int tokenGroup)
    {
        // Regression: where decode rows share the chunk's launch, filling its last group began another.
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateSession(LoadedModel.Options(3, 64, layout));

        Assert.Equal(tokenGroup, session.Limits.TokenGroup);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void TryCopyPrefix_EveryLayout_ContinuesAsTheSource(KvCacheLayout layout)
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateSession(LoadedModel.Options(3, 64, layout));
        session.Decode(_batch, 0, Prompt, LogitRows.None);
        foreach (var length in new[] { 1, 20, Prompt.Length })
        {
            session.Release(1);
            session.Release(2);
            Assert.True(session.TryCopyPrefix(0, 1, length));
            Assert.Equal(length, session.GetLength(1));
            session.Decode(_batch, 1, [9, 10], LogitRows.Last);
            var copied = session.GetLogits(0).ToArray();
            session.Decode(_batch, 2, [.. Prompt.AsSpan(0, length), 9, 10], LogitRows.Last);
            AssertClose(session.GetLogits(0), copied, 1e-2f);
        }

        // The source is as it was.
        Assert.Equal(Prompt.Length, session.GetLength(0));
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, [9], LogitRows.Last));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void TryTruncate_EveryLayout_GoesBack(KvCacheLayout layout)
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateSession(LoadedModel.Options(2, 64, layout));
        session.Decode(_batch, 0, Prompt.AsSpan(0, 20), LogitRows.None);
        session.Decode(_batch, 0, [3], LogitRows.Last);
        var first = session.GetLogits(0).ToArray();
        session.Decode(_batch, 0, [30, 31, 32], LogitRows.None);
        Assert.True(session.TryTruncate(0, 20));
        session.Decode(_batch, 0, [3], LogitRows.Last);
        AssertClose(session.GetLogits(0), first, 1e-3f);
    }

    [Fact]
    public void Decode_FullPool_ChangesNothing()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        var options = LoadedModel.Options(2, 256, KvCacheLayout.Pooled) with { PoolTokenCount = 256 };
        using var session = model.CreateSession(options);
        var tokens = Enumerable.Repeat(7, 200).ToArray();
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, tokens, LogitRows.None));
        Assert.Equal(DecodeStatus.NoKvSpace, session.Decode(_batch, 1, tokens, LogitRows.Last));
        Assert.Equal(200, session.GetLength(0));
        Assert.Equal(0, session.GetLength(1));
        session.Release(0);
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 1, tokens, LogitRows.Last));
    }

    [Fact]
    public void Decode_Misuse_ThrowsAndChangesNothing()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateSession(LoadedModel.Options(2, 64));
        session.Decode(_batch, 0, [5, 6], LogitRows.None);
        AssertRefused(session, 0, 1, 7);
        AssertRefused(session, 0, 2, model.Tokenizer.VocabularySize);
        AssertRefused(session, 0, 2, -1);
        AssertRefused(session, 2, 0, 7);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.TryTruncate(0, 3));
        Assert.Throws<ArgumentException>(() => session.TryCopyPrefix(0, 0, 1));
        Assert.Equal(2, session.GetLength(0));
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, [7], LogitRows.Last));
    }

    /// <summary>A piece of a prompt beside a decode row; without logits of its own it is computed apart.</summary>
    [Theory]
    [InlineData(KvCacheLayout.PerSequence, LogitRows.None)]
    [InlineData(KvCacheLayout.PerSequence, LogitRows.Last)]
    [InlineData(KvCacheLayout.Pooled, LogitRows.None)]
    public async Task Abort_DuringDecode_KeepsWhatWasComputed(KvCacheLayout layout, LogitRows rows)
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        var tokens = Enumerable.Range(0, 480).Select(i => 5 + (i * 11 % 90)).ToArray();
        var options = LoadedModel.Options(3, 512, layout);
        using var session = model.CreateSession(options);
        session.Decode(_batch, 0, tokens, LogitRows.Last);
        var whole = session.GetLogits(0).ToArray();
        session.Decode(_batch, 1, tokens.AsSpan(0, 100), LogitRows.Last);
        session.Decode(_batch, 2, tokens.AsSpan(0, 100), LogitRows.Last);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var aborting = Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                    session.Abort();
            },
            stop.Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            // A step can end before the first abort of it is seen: so again, until one is hit in the middle.
            var status = DecodeStatus.Ok;
            for (var attempt = 0; status == DecodeStatus.Ok && attempt < 10_000; attempt++)
            {
                session.TryTruncate(1, 100);
                session.TryTruncate(2, 99);
                _batch.Clear();
                _batch.Add(1, 100, tokens.AsSpan(100, 379), rows);
                _batch.Add(2, 99, tokens.AsSpan(99, 1), LogitRows.Last);
                status = session.Decode(_batch);
            }

            Assert.Equal(DecodeStatus.Aborted, status);
        }
        finally
        {
            await stop.CancelAsync();
            await aborting;
        }

        // Each goes on from the length that it is said to have, and has lost nothing.
        Assert.Equal(480, session.GetLength(0));
        foreach (var sequence in new[] { 1, 2 })
        {
            var length = session.GetLength(sequence);
            Assert.InRange(length, sequence == 1 ? 100 : 99, 479);
            Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, sequence, tokens.AsSpan(length), LogitRows.Last));
            AssertClose(session.GetLogits(0), whole, 2e-2f);
        }
    }

    [Fact]
    public void Abort_WhenNothingIsDecoded_IsForgotten()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateSession(LoadedModel.Options(1, 64));
        session.Abort();
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, [5, 6], LogitRows.Last));
    }

    [Fact]
    public void Session_AfterItsModelIsDisposed_Decodes()
    {
        var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateSession(LoadedModel.Options(1, 64));
        model.Dispose();
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, [5, 6], LogitRows.Last));
    }

    [Fact]
    public void Decode_Tokens_AllocateNothing()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateSession(LoadedModel.Options(1, 256));
        int[] token = [5];
        for (var i = 0; i < 10; i++)
        {
            // The first calls of an imported function allocate its stub.
            session.Decode(_batch, 0, token, LogitRows.Last);
            _ = session.GetLogits(0);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++)
        {
            session.Decode(_batch, 0, token, LogitRows.Last);
            _ = session.GetLogits(0);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void AssertRefused(IDecodeSession session, int sequence, int position, int token)
    {
        _batch.Clear();
        _batch.Add(sequence, position, [token], LogitRows.Last);
        Assert.Throws<ArgumentException>(() => session.Decode(_batch));
    }

    private static void AssertClose(ReadOnlySpan<float> actual, float[] expected, float bound)
    {
        var difference = new float[expected.Length];
        TensorPrimitives.Subtract(actual, expected, difference);
        Assert.InRange(TensorPrimitives.MaxMagnitude<float>(difference) is var max && max < 0 ? -max : max, 0, bound);
    }
}
