using System.Numerics.Tensors;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.EngineConformance;

/// <summary>What every decode session promises, engine-neutral: the same cases on each.</summary>
public abstract class DecodeSessionConformance
{
    private static readonly int[] Tokens = [5, 9, 3, 7, 11, 6, 8, 4, 10, 12, 5, 5, 3];

    private readonly DecodeBatch _batch = new(64, 8);

    /// <summary>A session of at least 4 sequences and 32 tokens each, with a vocabulary of more than 16 tokens.</summary>
    protected abstract IDecodeSession Create();

    /// <summary>How far logits of a batch may be from those of a sequence alone.</summary>
    protected abstract float Bound { get; }

    [Fact]
    public void Decode_Rows_AreNumberedInOrder()
    {
        using var session = Create();
        Assert.Equal(-1, _batch.Add(0, 0, Tokens.AsSpan(0, 3), LogitRows.None));
        Assert.Equal(0, _batch.Add(1, 0, Tokens.AsSpan(0, 4), LogitRows.All));
        Assert.Equal(4, _batch.Add(2, 0, Tokens.AsSpan(0, 2), LogitRows.Last));
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch));
        Assert.Equal([3, 4, 2, 0], Enumerable.Range(0, 4).Select(session.GetLength));
        var second = session.GetLogits(1).ToArray();
        AssertClose(session.GetLogits(4), second);
        Assert.ThrowsAny<ArgumentException>(() => session.GetLogits(5).Length);
    }

    [Fact]
    public void Decode_Batch_EqualsAlone()
    {
        using var session = Create();
        for (var sequence = 0; sequence < 3; sequence++)
            Step(session, sequence, Tokens.AsSpan(0, 2 + sequence));

        _batch.Clear();
        for (var sequence = 0; sequence < 3; sequence++)
            _batch.Add(sequence, session.GetLength(sequence), [12], LogitRows.Last);

        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch));
        var together = Enumerable.Range(0, 3).Select(row => session.GetLogits(row).ToArray()).ToArray();
        for (var sequence = 0; sequence < 3; sequence++)
            AssertAlone(session, [.. Tokens.AsSpan(0, 2 + sequence), 12], together[sequence]);
    }

    [Fact]
    public void Decode_PieceOfAPromptBesideDecodeRows_EqualsAlone()
    {
        using var session = Create();
        Step(session, 0, Tokens.AsSpan(0, 2));
        Step(session, 2, Tokens.AsSpan(0, 9));
        _batch.Clear();
        _batch.Add(0, 2, [12], LogitRows.Last);
        _batch.Add(1, 0, Tokens.AsSpan(0, 6), LogitRows.None);
        _batch.Add(2, 9, [12], LogitRows.Last);
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch));
        Assert.Equal([3, 6, 10], Enumerable.Range(0, 3).Select(session.GetLength));
        var rows = Enumerable.Range(0, 2).Select(row => session.GetLogits(row).ToArray()).ToArray();
        Step(session, 1, [12]);
        var prompt = session.GetLogits(0).ToArray();

        AssertAlone(session, [.. Tokens.AsSpan(0, 2), 12], rows[0]);
        AssertAlone(session, [.. Tokens.AsSpan(0, 9), 12], rows[1]);
        AssertAlone(session, [.. Tokens.AsSpan(0, 6), 12], prompt);
    }

    [Fact]
    public void TryTruncate_ThenDecode_ForgetsWhatWasCut()
    {
        using var session = Create();
        Step(session, 0, Tokens.AsSpan(0, 6));
        Step(session, 0, [3]);
        var expected = session.GetLogits(0).ToArray();
        Step(session, 0, [7, 8, 9]);
        if (!session.TryTruncate(0, 6))
        {
            Assert.False(session.Limits.CanTruncate);
            Assert.Equal(10, session.GetLength(0));
            return;
        }

        Assert.Equal(6, session.GetLength(0));
        Step(session, 0, [3]);
        AssertClose(session.GetLogits(0), expected);
    }

    [Fact]
    public void TryCopyPrefix_ThenDecode_IsIndependentOfTheSource()
    {
        using var session = Create();
        Step(session, 0, Tokens);
        if (!session.TryCopyPrefix(0, 1, 5))
        {
            Assert.Equal(PrefixCopy.None, session.Limits.PrefixCopy);
            return;
        }

        session.Release(0);
        Step(session, 1, [4]);
        var copied = session.GetLogits(0).ToArray();
        Step(session, 2, [.. Tokens.AsSpan(0, 5), 4]);
        AssertClose(session.GetLogits(0), copied);
    }

    [Fact]
    public void Release_ThenDecode_BeginsAnew()
    {
        using var session = Create();
        Step(session, 0, [5, 9]);
        var expected = session.GetLogits(0).ToArray();
        session.Release(0);
        session.Release(0);
        Assert.Equal(0, session.GetLength(0));
        Step(session, 0, [5, 9]);
        AssertClose(session.GetLogits(0), expected);
    }

    [Fact]
    public void Decode_WrongPosition_ThrowsAndChangesNothing()
    {
        using var session = Create();
        Step(session, 0, [5, 9]);
        _batch.Clear();
        _batch.Add(0, 1, [3], LogitRows.Last);
        Assert.ThrowsAny<ArgumentException>(() => session.Decode(_batch));
        Assert.Equal(2, session.GetLength(0));
        Step(session, 0, [3]);
    }

    /// <summary>What native code must never be handed.</summary>
    [Theory]
    [InlineData(1, 0, -1)]
    [InlineData(1, 0, int.MaxValue)]
    [InlineData(4, 0, 3)]
    [InlineData(-1, 0, 3)]
    [InlineData(1, -1, 3)]
    [InlineData(0, 2, 3)]
    public void Decode_EntryThatIsNone_ThrowsAndChangesNothing(int sequence, int position, int token)
    {
        using var session = Create();
        Step(session, 0, [5, 9]);
        _batch.Clear();
        _batch.Add(0, 2, [7], LogitRows.Last);
        _batch.Add(sequence, position, [token], LogitRows.Last);
        Assert.ThrowsAny<ArgumentException>(() => session.Decode(_batch));
        Assert.Equal(2, session.GetLength(0));
        Step(session, 0, [3]);
    }

    private void Step(IDecodeSession session, int sequence, ReadOnlySpan<int> tokens)
    {
        _batch.Clear();
        _batch.Add(sequence, session.GetLength(sequence), tokens, LogitRows.Last);
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch));
    }

    private void AssertAlone(IDecodeSession session, ReadOnlySpan<int> tokens, float[] expected)
    {
        session.Release(3);
        Step(session, 3, tokens);
        AssertClose(session.GetLogits(0), expected);
    }

    private void AssertClose(ReadOnlySpan<float> actual, float[] expected)
    {
        var difference = new float[expected.Length];
        TensorPrimitives.Subtract(actual, expected, difference);
        Assert.InRange(Math.Abs(TensorPrimitives.MaxMagnitude<float>(difference)), 0, Bound);
    }
}
