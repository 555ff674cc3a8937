using System.Numerics.Tensors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

/// <summary>Every kind of graph against the same decoder in plain loops.</summary>
public sealed class TinyDecoderTests
{
    private const int Sequences = 5;

    private readonly DecodeBatch _batch = new(512, Sequences);

    public static TheoryData<string, int, bool, bool, bool> Kinds => new()
    {
        // KV type, window, shared memory, count of logits, positions.
        { "fp32", 0, false, false, true },
        { "fp32", 7, false, false, true },
        { "fp32", 0, false, true, true },
        { "fp32", 5, false, false, false },
        { "fp16", 0, false, false, true },
        { "int8", 0, false, true, true },
        { "fp32", 0, true, false, true },
        { "fp32", 7, true, false, true },
        { "fp32", 0, true, true, false },
    };

    /// <summary>Sequences join with prompts of any length, sit out, are cut, copied and released.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_RandomSets_GivesTheDecodersLogits(string kvType, int window, bool isShared, bool keepsLogits, bool hasPositions)
    {
        using var folder = new TemporaryFolder();
        var decoder = Write(folder, kvType, window, isShared, keepsLogits, hasPositions);
        using var session = Create(folder);
        var random = new Random(5);
        var texts = Enumerable.Range(0, Sequences).Select(_ => new List<int>()).ToArray();
        for (var step = 0; step < 60; step++)
        {
            Change(session, texts, random);
            _batch.Clear();
            var members = Enumerable.Range(0, Sequences).Where(_ => random.Next(3) > 0).OrderBy(_ => random.Next()).DefaultIfEmpty(0).ToArray();
            var rows = new int[members.Length];
            for (var i = 0; i < members.Length; i++)
            {
                var text = texts[members[i]];
                var tokens = Enumerable.Range(0, random.Next(4) == 0 || text.Count == 0 ? random.Next(2, 12) : 1)
                    .Select(_ => random.Next(TinyDecoder.Vocabulary)).ToArray();
                rows[i] = _batch.Add(members[i], text.Count, tokens, LogitRows.Last);
                text.AddRange(tokens);
            }

            Assert.Equal(DecodeStatus.Ok, session.Decode(_batch));
            for (var i = 0; i < members.Length; i++)
                AssertClose(decoder.LogitsOf(texts[members[i]].ToArray()), session.GetLogits(rows[i]));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_AllRowsOfAPrompt_AreTheDecodersLogits(string kvType, int window, bool isShared, bool keepsLogits, bool hasPositions)
    {
        using var folder = new TemporaryFolder();
        var decoder = Write(folder, kvType, window, isShared, keepsLogits, hasPositions);
        using var session = Create(folder);
        var tokens = Enumerable.Range(0, 30).Select(i => i * 7 % TinyDecoder.Vocabulary).ToArray();
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 1, tokens.AsSpan(0, 10), LogitRows.None));
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 1, tokens.AsSpan(10), LogitRows.All));
        for (var row = 0; row < 20; row++)
            AssertClose(decoder.LogitsOf(tokens.AsSpan(0, 11 + row)), session.GetLogits(row));
    }

    /// <summary>A decoder whose hidden states are an output gives embeddings: without its KV cache, one input at a time.</summary>
    [Theory]
    [InlineData(false, PoolingKind.Mean)]
    [InlineData(false, PoolingKind.Last)]
    [InlineData(true, PoolingKind.Mean)]
    [InlineData(true, PoolingKind.First)]
    public void Embed_HiddenStates_ArePooled(bool isShared, PoolingKind pooling)
    {
        using var folder = new TemporaryFolder();
        var decoder = new TinyDecoder(new() { IsShared = isShared, HasStates = true });
        TinyDecoderFolder.Write(decoder, folder.Path);
        using var model = LoadedModel.Load(folder.Path);
        Assert.Equal(TinyDecoder.Width, model.Info.EmbeddingLength);
        using var session = model.CreateEmbeddingSession(new EmbeddingOptions());
        int[][] inputs = [[1, 2, 3, 4, 5], [9], [7, 7, 8]];
        var batch = new EmbeddingBatch();
        foreach (var input in inputs)
            batch.Add(input);
        var vectors = new float[inputs.Length * TinyDecoder.Width];
        session.Embed(batch, pooling, vectors);
        for (var i = 0; i < inputs.Length; i++)
            AssertClose(Pool(decoder.StatesOf(inputs[i]), pooling), vectors.AsSpan(i * TinyDecoder.Width, TinyDecoder.Width));
    }

    private static float[] Pool(float[][] states, PoolingKind pooling) => pooling switch
    {
        PoolingKind.First => states[0],
        PoolingKind.Last => states[^1],
        _ => [.. Enumerable.Range(0, TinyDecoder.Width).Select(column => states.Average(state => state[column]))],
    };

    private static TinyDecoder Write(TemporaryFolder folder, string kvType, int window, bool isShared, bool keepsLogits, bool hasPositions)
    {
        var decoder = new TinyDecoder(new()
        {
            KvType = kvType, Window = window, IsShared = isShared, KeepsLogits = keepsLogits, HasPositions = hasPositions,
        });
        TinyDecoderFolder.Write(decoder, folder.Path);
        return decoder;
    }

    private static IDecodeSession Create(TemporaryFolder folder)
    {
        using var model = LoadedModel.Load(folder.Path);
        return model.CreateSession(LoadedModel.Options(Sequences, TinyDecoder.ContextLength));
    }

    private static void Change(IDecodeSession session, List<int>[] texts, Random random)
    {
        var (one, other) = (random.Next(Sequences), random.Next(Sequences));
        if (texts[one].Count > 60 || random.Next(12) == 0)
        {
            session.Release(one);
            texts[one].Clear();
        }

        if (texts[one].Count > 1 && random.Next(4) == 0)
        {
            var length = random.Next(1, texts[one].Count);
            Assert.True(session.TryTruncate(one, length));
            texts[one].RemoveRange(length, texts[one].Count - length);
        }

        if (one != other && texts[one].Count > 0 && random.Next(4) == 0)
        {
            session.Release(other);
            var length = random.Next(1, texts[one].Count + 1);
            Assert.True(session.TryCopyPrefix(one, other, length));
            texts[other] = texts[one][..length];
        }
    }

    private static void AssertClose(float[] expected, ReadOnlySpan<float> actual) =>
        Assert.InRange(TensorPrimitives.Distance(expected, actual), 0, 2e-4f);
}
