using System.Numerics.Tensors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Export;
using ModelRunner.Testing;

namespace ModelRunner.Engines.LlamaCpp.Tests;

public sealed class LlamaEmbeddingSessionTests
{
    private const float Bound = 1e-4f;

    private static readonly EmbeddingOptions Options = new() { ThreadCount = 1, MaxSequences = 4, MaxBatchTokens = 64 };

    private static readonly int[][] Inputs =
    [
        [5, 9, 3, 7, 11, 6, 8],
        [40],
        [.. Enumerable.Range(0, 31).Select(i => 4 + (i * 13 % 400))],
        [5, 9, 3, 8],
    ];

    public static TheoryData<PoolingKind> Poolings => [PoolingKind.Mean, PoolingKind.First, PoolingKind.Last];

    [Theory]
    [MemberData(nameof(Poolings))]
    public void Embed_Pooling_EqualsPoolingOfTheTokenRows(PoolingKind pooling)
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateEmbeddingSession(Options);
        foreach (var input in Inputs)
        {
            var rows = Embed(session, PoolingKind.None, input);
            Assert.Equal(input.Length, rows.Length);
            AssertClose(Pool(rows, pooling), Embed(session, pooling, input)[0]);
        }
    }

    [Fact]
    public void Embed_TokenRows_DifferByWhatCameBefore()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateEmbeddingSession(Options);
        var rows = Embed(session, PoolingKind.None, Inputs[0]);
        var other = Embed(session, PoolingKind.None, [5, 10, 3]);

        // A decoder: the first token sees itself only, the third one those before it.
        AssertClose(rows[0], other[0]);
        Assert.True(TensorPrimitives.Distance<float>(rows[2], other[2]) > 0.1f);
    }

    [Theory]
    [MemberData(nameof(Poolings))]
    [InlineData(PoolingKind.None)]
    public void Embed_Batch_EqualsEachAlone(PoolingKind pooling)
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateEmbeddingSession(Options);
        var alone = Inputs.SelectMany(input => Embed(session, pooling, input)).ToArray();
        var together = Embed(session, pooling, Inputs);
        Assert.Equal(alone.Length, together.Length);
        for (var i = 0; i < alone.Length; i++)
            AssertClose(alone[i], together[i]);
    }

    [Fact]
    public void Embed_PoolingsInTurn_GiveTheSameAgain()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateEmbeddingSession(Options);
        PoolingKind[] poolings = [PoolingKind.Mean, PoolingKind.None, PoolingKind.Last, PoolingKind.First];
        var first = poolings.Select(pooling => Embed(session, pooling, Inputs)).ToArray();
        for (var round = 0; round < 3; round++)
            for (var i = 0; i < poolings.Length; i++)
                foreach (var (expected, actual) in first[i].Zip(Embed(session, poolings[i], Inputs)))
                    AssertClose(expected, actual);
    }

    [Fact]
    public void GetOutputLength_IsTheWidthOfTheModel()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateEmbeddingSession(Options);
        Assert.Equal(ModelShape.Tiny.Width, session.GetOutputLength(PoolingKind.Mean));
        Assert.Equal(model.Info.EmbeddingLength, session.GetOutputLength(PoolingKind.None));
    }

    [Fact]
    public void Limits_AreThoseOfOptionsAndModel()
    {
        var shape = ModelShape.Tiny with { ContextLength = 32 };
        using var model = LoadedModel.Load(FixtureModels.Get(new RandomModelOptions { Shape = shape }));
        using var session = model.CreateEmbeddingSession(Options);
        Assert.Equal((4, 64, 32), (session.MaxSequences, session.MaxBatchTokens, session.MaxInputLength));
        using var byDefault = model.CreateEmbeddingSession(new EmbeddingOptions());
        Assert.Equal(32, byDefault.MaxInputLength);
    }

    [Fact]
    public void Embed_Misuse_ThrowsAndChangesNothing()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateEmbeddingSession(Options);
        var expected = Embed(session, PoolingKind.Mean, Inputs[0])[0];
        AssertRefused(session, 1, Enumerable.Repeat(5, 65).ToArray());
        AssertRefused(session, 5, [5], [6], [7], [8], [9]);
        AssertRefused(session, 2, [5]);
        AssertRefused(session, 1, [5, model.Tokenizer.VocabularySize]);
        AssertRefused(session, 1, [-1]);
        AssertRefused(session, 0);
        AssertClose(expected, Embed(session, PoolingKind.Mean, Inputs[0])[0]);
    }

    [Fact]
    public void Embed_WholeBatch_Fits()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateEmbeddingSession(Options);
        var input = Enumerable.Range(0, 64).Select(i => 3 + (i * 7 % 300)).ToArray();
        var expected = Embed(session, PoolingKind.Last, input)[0];
        Assert.Equal(4, Embed(session, PoolingKind.Mean, [.. input.Chunk(16)]).Length);
        AssertClose(expected, Embed(session, PoolingKind.Last, input)[0]);
    }

    [Fact]
    public void Embed_GrowingInputs_EqualThoseOfAFreshSession()
    {
        // Each is larger than the context that the one before has left behind.
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateEmbeddingSession(Options with { MaxBatchTokens = 1_000 });
        foreach (var length in new[] { 3, 256, 257, 600, 1_000, 5 })
        {
            using var fresh = model.CreateEmbeddingSession(Options with { MaxBatchTokens = 1_000 });
            var input = Enumerable.Range(0, length).Select(i => 3 + (i * 7 % 300)).ToArray();
            AssertClose(Embed(fresh, PoolingKind.Mean, input)[0], Embed(session, PoolingKind.Mean, input)[0]);
        }
    }

    [Fact]
    public void Dispose_ThenEmbed_Throws()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        var session = model.CreateEmbeddingSession(Options);
        Embed(session, PoolingKind.Mean, Inputs[0]);
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Embed(session, PoolingKind.Mean, Inputs[0]));
    }

    [Fact]
    public void Session_AfterItsModelIsDisposed_Embeds()
    {
        // Regression: the model was freed while the session had no context yet, and the first one ended the process.
        var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateEmbeddingSession(Options);
        model.Dispose();
        Assert.Single(Embed(session, PoolingKind.Mean, Inputs[0]));
    }

    [Fact]
    public void Embed_Model260K_LikeTextsAreNearest()
    {
        using var model = LoadedModel.Load(SharedData.Stories260K);
        using var session = model.CreateEmbeddingSession(Options);
        string[] texts = ["The cat ran to the park.", "The cat ran to the tree.", "She wants a big red ball"];
        var vectors = Embed(
            session, PoolingKind.Mean, [.. texts.Select(text => model.Tokenizer.Encode([TextSegment.Input(text)], addSpecial: true))]);
        var near = TensorPrimitives.CosineSimilarity<float>(vectors[0], vectors[1]);
        Assert.True(near > TensorPrimitives.CosineSimilarity<float>(vectors[0], vectors[2]));
    }

    private static void AssertRefused(IEmbeddingSession session, int rows, params int[][] inputs)
    {
        var batch = new EmbeddingBatch();
        foreach (var input in inputs)
            batch.Add(input);

        Assert.Throws<ArgumentException>(() =>
            session.Embed(batch, PoolingKind.Mean, new float[rows * session.GetOutputLength(PoolingKind.Mean)]));
    }

    private static float[][] Embed(IEmbeddingSession session, PoolingKind pooling, params int[][] inputs)
    {
        var batch = new EmbeddingBatch();
        foreach (var input in inputs)
            batch.Add(input);

        var width = session.GetOutputLength(pooling);
        var output = new float[(pooling == PoolingKind.None ? batch.TokenCount : batch.Count) * width];
        session.Embed(batch, pooling, output);
        return [.. output.Chunk(width)];
    }

    private static float[] Pool(float[][] rows, PoolingKind pooling)
    {
        if (pooling != PoolingKind.Mean)
            return pooling == PoolingKind.First ? rows[0] : rows[^1];

        var mean = new float[rows[0].Length];
        foreach (var row in rows)
            TensorPrimitives.Add(mean, row, mean);

        TensorPrimitives.Divide(mean, rows.Length, mean);
        return mean;
    }

    private static void AssertClose(ReadOnlySpan<float> expected, float[] actual)
    {
        var difference = new float[actual.Length];
        TensorPrimitives.Subtract(expected, actual, difference);
        Assert.InRange(Math.Abs(TensorPrimitives.MaxMagnitude<float>(difference)), 0, Bound);
    }
}
