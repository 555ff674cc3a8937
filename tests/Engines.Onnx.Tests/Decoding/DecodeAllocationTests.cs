using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

public sealed class DecodeAllocationTests
{
    private const int Steps = 300;

    /// <summary>The mask is bound anew every 64 tokens; nothing else is made.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Decode_SteadySteps_AllocateNextToNothing(int sequences)
    {
        using var model = LoadedModel.Load(FixtureModels.TinyOnnx);
        using var session = model.CreateSession(LoadedModel.Options(sequences, 512));
        var batch = new DecodeBatch(64, sequences);
        for (var sequence = 0; sequence < sequences; sequence++)
            Assert.Equal(DecodeStatus.Ok, session.Decode(batch, sequence, [5, 6, 7 + sequence], LogitRows.Last));
        var first = 0L;
        for (var step = -50; step < Steps; step++)
        {
            if (step == 0)
                first = GC.GetAllocatedBytesForCurrentThread();
            batch.Clear();
            for (var sequence = 0; sequence < sequences; sequence++)
                batch.Add(sequence, session.GetLength(sequence), [9], LogitRows.Last);
            if (session.Decode(batch) != DecodeStatus.Ok || session.GetLogits(sequences - 1).IsEmpty)
                Assert.Fail("A step failed.");
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - first) / (double)Steps, 0, 32);
    }
}
