using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

public sealed class AbortTests
{
    private const int Length = 60_000;

    /// <summary>A prompt that takes many seconds is left in the middle, and what was there before goes on.</summary>
    [Fact]
    public void Abort_DuringALongPrompt_EndsItAndKeepsTheSessionWhole()
    {
        using var model = LoadedModel.Load(FixtureModels.GetGenAi(FixtureModels.LongContext));
        using var session = model.CreateSession(new SessionOptions { MaxSequences = 2, MaxSequenceLength = Length + 16, MaxBatchTokens = Length });
        var small = new DecodeBatch(16, 2);
        Assert.Equal(DecodeStatus.Ok, session.Decode(small, 1, [5, 6, 7], LogitRows.None));
        Assert.Equal(DecodeStatus.Ok, session.Decode(small, 1, [8], LogitRows.Last));
        var expected = session.GetLogits(0).ToArray();
        Assert.True(session.TryTruncate(1, 3));
        Assert.False(session.IsStalled);

        var batch = new DecodeBatch(Length, 2);
        batch.Add(0, 0, [.. Enumerable.Range(0, Length).Select(i => 3 + (i * 31 % 400))], LogitRows.Last);
        var status = DecodeStatus.Ok;
        var decode = new Thread(() => status = session.Decode(batch));
        decode.Start();

        // One that comes before the decode has begun is for none.
        while (decode.IsAlive)
        {
            session.Abort();
            decode.Join(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(DecodeStatus.Aborted, status);
        Assert.InRange(session.GetLength(0), 0, Length / 2);
        Assert.Equal(3, session.GetLength(1));
        Assert.Equal(DecodeStatus.Ok, session.Decode(small, 1, [8], LogitRows.Last));
        Assert.Equal(expected, session.GetLogits(0).ToArray());
    }
}
