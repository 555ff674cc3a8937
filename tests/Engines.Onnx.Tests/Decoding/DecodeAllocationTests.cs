using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

public sealed class DecodeAllocationTests(ITestOutputHelper output)
{
    /// <summary>In place, the mask is bound anew every 64 tokens; nothing else is made.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Decode_SteadySteps_AllocateNextToNothing(int sequences)
    {
        using var model = LoadedModel.Load(FixtureModels.TinyOnnx);
        Assert.InRange(MeasureBytesPerStep(model, sequences, 512, 300), 0, 32);
    }

    /// <summary>Where past and present are tensors of another shape in each step, none of them is a managed object.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Decode_SteadyStepsOfAGrowingCache_AllocateNothing(int sequences)
    {
        using var folder = new TemporaryFolder();
        TinyDecoderFolder.Write(new TinyDecoder(new()), folder.Path);
        using var model = LoadedModel.Load(folder.Path);
        Assert.InRange(MeasureBytesPerStep(model, sequences, TinyDecoder.ContextLength, 50), 0, 4);
    }

    /// <summary>Keys and values in one tensor for each of five layers.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Decode_SteadyStepsOfGpt2_AllocateNothing(int sequences)
    {
        using var model = LoadedModel.Load(SharedData.Require("models/genai/tiny-random-gpt2-fp32"));
        Assert.InRange(MeasureBytesPerStep(model, sequences, 512, 300), 0, 4);
    }

    private double MeasureBytesPerStep(ITokenModel model, int sequences, int length, int steps)
    {
        using var session = model.CreateSession(LoadedModel.Options(sequences, length));
        var batch = new DecodeBatch(64, sequences);
        for (var sequence = 0; sequence < sequences; sequence++)
            Assert.Equal(DecodeStatus.Ok, session.Decode(batch, sequence, [5, 6, 7 + sequence], LogitRows.Last));
        var first = 0L;
        for (var step = -30; step < steps; step++)
        {
            if (step == 0)
                first = GC.GetAllocatedBytesForCurrentThread();
            batch.Clear();
            for (var sequence = 0; sequence < sequences; sequence++)
                batch.Add(sequence, session.GetLength(sequence), [9], LogitRows.Last);
            if (session.Decode(batch) != DecodeStatus.Ok || session.GetLogits(sequences - 1).IsEmpty)
                Assert.Fail("A step failed.");
        }

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - first) / (double)steps;
        output.WriteLine($"{bytes} bytes in a step of {sequences}");
        return bytes;
    }
}
