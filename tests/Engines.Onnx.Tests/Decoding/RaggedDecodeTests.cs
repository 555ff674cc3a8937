using System.Numerics.Tensors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

public sealed class RaggedDecodeTests
{
    private const int Vocabulary = 512;
    private readonly DecodeBatch _batch = new(512, 8);

    /// <summary>Sequences of all lengths join, pause and leave; each gives what it gives alone.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decode_RandomSets_EqualAlone(bool isInt4)
    {
        using var model = LoadedModel.Load(isInt4 ? FixtureModels.TinyOnnxInt4 : FixtureModels.TinyOnnx);
        using var session = model.CreateSession(LoadedModel.Options(6, 256));
        var random = new Random(7);
        var texts = Enumerable.Range(0, 5).Select(_ => new List<int>()).ToArray();
        for (var step = 0; step < 60; step++)
        {
            _batch.Clear();
            var members = Enumerable.Range(0, 5).Where(_ => random.Next(3) > 0).OrderBy(_ => random.Next()).DefaultIfEmpty(0).ToArray();
            foreach (var member in members)
            {
                if (texts[member].Count > 100)
                {
                    session.Release(member);
                    texts[member].Clear();
                }

                var tokens = Enumerable.Range(0, texts[member].Count == 0 ? random.Next(2, 60) : 1).Select(_ => random.Next(Vocabulary)).ToArray();
                _batch.Add(member, texts[member].Count, tokens, LogitRows.Last);
                texts[member].AddRange(tokens);
            }

            Assert.Equal(DecodeStatus.Ok, session.Decode(_batch));
            var probe = random.Next(members.Length);
            var together = session.GetLogits(probe).ToArray();
            AssertAlone(session, texts[members[probe]], together);
        }
    }

    [Fact]
    public void Decode_AllRowsOfALongPrompt_EqualTheLastRowsOfItsBeginnings()
    {
        using var model = LoadedModel.Load(FixtureModels.TinyOnnx);
        using var session = model.CreateSession(LoadedModel.Options(2, 512));
        var tokens = Enumerable.Range(0, 300).Select(i => (i * 37) % Vocabulary).ToArray();
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, tokens, LogitRows.All));
        var rows = new[] { 1, 126, 127, 128, 200, 299 }.ToDictionary(row => row, row => session.GetLogits(row).ToArray());
        foreach (var (row, logits) in rows)
        {
            session.Release(1);
            Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 1, tokens.AsSpan(0, row + 1), LogitRows.Last));
            AssertClose(logits, session.GetLogits(0));
        }
    }

    [Fact]
    public void Decode_ToTheLastPosition_ThenBesideAFullRow_IsRight()
    {
        using var model = LoadedModel.Load(FixtureModels.TinyOnnx);
        using var session = model.CreateSession(LoadedModel.Options(3, 32));
        var full = Enumerable.Range(1, 32).ToArray();
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 1, full, LogitRows.Last));
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, [5, 6, 7], LogitRows.None));
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 2, [9, 8], LogitRows.None));
        _batch.Clear();
        _batch.Add(0, 3, [4], LogitRows.Last);
        _batch.Add(2, 2, [4], LogitRows.Last);
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch));
        var row = session.GetLogits(1).ToArray();
        session.Release(0);
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, [9, 8], LogitRows.None));
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, [4], LogitRows.Last));
        AssertClose(row, session.GetLogits(0));

        // What lay between them is still whole.
        Assert.True(session.TryTruncate(1, 31));
        session.Release(0);
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 1, [7], LogitRows.Last));
        var beside = session.GetLogits(0).ToArray();
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, full.AsSpan(0, 31), LogitRows.None));
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, [7], LogitRows.Last));
        AssertClose(beside, session.GetLogits(0));
    }

    private void AssertAlone(IDecodeSession session, List<int> text, float[] expected)
    {
        session.Release(5);
        if (text.Count > 1)
            Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 5, text.ToArray().AsSpan(0, text.Count - 1), LogitRows.None));
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 5, [text[^1]], LogitRows.Last));
        AssertClose(expected, session.GetLogits(0));
    }

    private static void AssertClose(float[] expected, ReadOnlySpan<float> actual)
    {
        // 4-bit weights round activations to 8 bits, which a step and a piece of a prompt may do differently.
        var difference = new float[expected.Length];
        TensorPrimitives.Subtract(actual, expected, difference);
        Assert.InRange(Math.Abs(TensorPrimitives.MaxMagnitude<float>(difference)), 0, 5e-2f * Math.Abs(TensorPrimitives.MaxMagnitude<float>(expected)));
    }
}
