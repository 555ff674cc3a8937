using System.Numerics.Tensors;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

/// <summary>Every kind of graph against the same decoder in plain loops.</summary>
public sealed class TinyDecoderTests(ITestOutputHelper output)
{
    private const int Sequences = 5;

    private readonly DecodeBatch _batch = new(512, Sequences);

    /// <summary>How far logits may be from the decoder's own: half of all rows, and any.</summary>
    private readonly record struct Bounds(float Half, float Any);

    // What differs is the order of additions, which for a cache of rounded numbers decides now and then on the other side
    // of a step; with computation in half precision more often. The logits of a token have a norm of 15 to 20.
    private static readonly Bounds Exact = new(2e-5f, 2e-4f);
    private static readonly Bounds Fp16 = new(2e-5f, 3e-3f);
    private static readonly Bounds Half = new(1e-2f, 3e-2f);
    private static readonly Bounds Int8 = new(2e-5f, 0.1f);
    private static readonly Bounds HalfInt8 = new(0.1f, 0.4f);
    private static readonly Bounds Int4 = new(2e-5f, 1);

    private static readonly Dictionary<string, (TinyDecoderOptions Options, Bounds Bounds)> All = new()
    {
        ["growing"] = (new(), Exact),
        ["growing, window"] = (new() { Window = 7 }, Exact),
        ["growing, count of logits"] = (new() { KeepsLogits = true }, Exact),
        ["growing, window, no positions"] = (new() { Window = 5, HasPositions = false }, Exact),
        ["growing, fp16"] = (new() { KvType = "fp16" }, Fp16),
        ["growing, int8"] = (new() { KvType = "int8", KeepsLogits = true }, Int8),
        ["shared"] = (new() { IsShared = true }, Exact),
        ["shared, window"] = (new() { IsShared = true, Window = 7 }, Exact),
        ["shared, count of logits, no positions"] = (new() { IsShared = true, KeepsLogits = true, HasPositions = false }, Exact),
        // Shorter than what the trial at load needs, longer than that, and longer than any sequence of the test.
        ["shared, short window's cache"] = (new() { IsShared = true, Window = 7, HasWindowCache = true }, Exact),
        ["shared, window's cache"] = (new() { IsShared = true, Window = 20, HasWindowCache = true }, Exact),
        ["shared, long window's cache"] = (new() { IsShared = true, Window = 500, HasWindowCache = true }, Exact),
        ["shared, fp16"] = (new() { IsShared = true, KvType = "fp16", ComputeType = "fp16" }, Half),
        ["shared, fp16 beside fp32"] = (new() { IsShared = true, KvType = "fp16" }, Half),
        ["shared, fp16, window"] = (new() { IsShared = true, KvType = "fp16", ComputeType = "fp16", Window = 7 }, Half),
        ["shared, int8"] = (new() { IsShared = true, KvType = "int8" }, Int8),
        ["shared, int8, window"] = (new() { IsShared = true, KvType = "int8", Window = 7 }, Int8),
        ["shared, int8 by channel"] = (new() { IsShared = true, KvType = "int8", KeyScales = "PER_CHANNEL", ValueScales = "PER_CHANNEL" }, Int8),
        ["shared, int8 beside fp16"] = (new() { IsShared = true, KvType = "int8", ComputeType = "fp16" }, HalfInt8),
        ["shared, int4"] = (new() { IsShared = true, KvType = "int4" }, Int4),
        ["shared, int4 by channel"] = (new() { IsShared = true, KvType = "int4", KeyScales = "PER_CHANNEL", ValueScales = "PER_CHANNEL" }, Int4),
    };

    private readonly List<float> _distances = [];

    public static TheoryData<string> Kinds => [.. All.Keys];

    public static TheoryData<string, bool, bool> KindsWithLessAbilities
    {
        get
        {
            var data = new TheoryData<string, bool, bool>();
            foreach (var kind in All.Keys)
            {
                data.Add(kind, false, true);
                data.Add(kind, true, false);
            }

            return data;
        }
    }

    /// <summary>Sequences join with prompts of any length, sit out, are cut, copied and released.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_RandomSets_GivesTheDecodersLogits(string kind)
    {
        using var folder = new TemporaryFolder();
        var decoder = Write(folder, kind);
        using var session = Create(folder, kind);
        DecodeRandomSets(session, decoder);
        CheckDistances(kind);
    }

    /// <summary>The same where sequences go one by one, and where prompts go token by token: graphs that can do no more.</summary>
    [Theory]
    [MemberData(nameof(KindsWithLessAbilities))]
    public void Decode_RandomSetsWithLessAbilities_GivesTheDecodersLogits(string kind, bool isRagged, bool continuesInChunks)
    {
        using var folder = new TemporaryFolder();
        var decoder = Write(folder, kind);
        using var model = (OnnxTokenModel)LoadedModel.Load(folder.Path);
        using var session = model.CreateSession(
            LoadedModel.Options(Sequences, TinyDecoder.ContextLength),
            model.Abilities with { IsRagged = isRagged, ContinuesInChunks = continuesInChunks });
        DecodeRandomSets(session, decoder);
        CheckDistances(kind);
    }

    private void DecodeRandomSets(IDecodeSession session, TinyDecoder decoder)
    {
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
                _distances.Add(TensorPrimitives.Distance(decoder.LogitsOf(texts[members[i]].ToArray()), session.GetLogits(rows[i])));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_AllRowsOfAPrompt_AreTheDecodersLogits(string kind)
    {
        using var folder = new TemporaryFolder();
        var decoder = Write(folder, kind);
        using var session = Create(folder, kind);
        var tokens = Enumerable.Range(0, 30).Select(i => i * 7 % TinyDecoder.Vocabulary).ToArray();
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 1, tokens.AsSpan(0, 10), LogitRows.None));
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 1, tokens.AsSpan(10), LogitRows.All));
        for (var row = 0; row < 20; row++)
            _distances.Add(TensorPrimitives.Distance(decoder.LogitsOf(tokens.AsSpan(0, 11 + row)), session.GetLogits(row)));
        CheckDistances(kind);
    }

    /// <summary>What the graph declares does not tell; the launch of the trial does, before a byte is read or written out of place.</summary>
    [Fact]
    public void Load_PresentWithoutThePast_IsRefused()
    {
        using var folder = new TemporaryFolder();
        TinyDecoderFolder.Write(new TinyDecoder(new() { ForgetsPast = true }), folder.Path);
        var exception = Assert.Throws<ModelLoadException>(() => LoadedModel.Load(folder.Path));
        output.WriteLine(exception.Message);
        Assert.Contains("the graph does not decode: ", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>A decoder whose hidden states are an output gives embeddings: without its KV cache, one input at a time.</summary>
    [Theory]
    [InlineData(false, false, PoolingKind.Mean)]
    [InlineData(false, false, PoolingKind.Last)]
    [InlineData(true, false, PoolingKind.Mean)]
    [InlineData(true, false, PoolingKind.First)]
    [InlineData(true, true, PoolingKind.Last)]
    public void Embed_HiddenStates_ArePooled(bool isShared, bool hasWindowCache, PoolingKind pooling)
    {
        using var folder = new TemporaryFolder();
        var decoder = new TinyDecoder(new() { IsShared = isShared, HasStates = true, Window = hasWindowCache ? 3 : 0, HasWindowCache = hasWindowCache });
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

    private static TinyDecoder Write(TemporaryFolder folder, string kind)
    {
        var decoder = new TinyDecoder(All[kind].Options);
        TinyDecoderFolder.Write(decoder, folder.Path);
        return decoder;
    }

    /// <summary>A session that batches as the kind of graph allows: all of them sequences of any lengths.</summary>
    private static IDecodeSession Create(TemporaryFolder folder, string kind)
    {
        using var logs = new CapturedLogs();
        using var model = LoadedModel.Load(folder.Path, loggers: logs);
        Assert.Contains($"KV cache {(All[kind].Options.IsShared ? "in place" : "growing")}, batches of any lengths, prompts in chunks", Assert.Single(logs.Lines), StringComparison.Ordinal);
        return model.CreateSession(LoadedModel.Options(Sequences, TinyDecoder.ContextLength));
    }

    private void CheckDistances(string kind)
    {
        _distances.Sort();
        output.WriteLine($"{kind}: {_distances[_distances.Count / 2]} in the middle, {_distances[^1]} at most");
        Assert.InRange(_distances[_distances.Count / 2], 0, All[kind].Bounds.Half);
        Assert.InRange(_distances[^1], 0, All[kind].Bounds.Any);
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
