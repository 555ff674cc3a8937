using System.Numerics.Tensors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Export;
using ModelRunner.Export.GenAi;
using ModelRunner.Gguf;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

/// <summary>
/// Quantised weights through a whole session, beside a folder with the very same weights as floats: a GGUF's blocks go over
/// into MatMulNBits' as they are.
/// </summary>
public sealed class QuantizedWeightTests(ITestOutputHelper output)
{
    private const int Vocabulary = 512;

    private readonly DecodeBatch _batch = new(128, 3);

    /// <summary>What is left of a difference where products are of floats is rounding, and where they are of 8-bit activations, theirs.</summary>
    [Theory]
    [InlineData(GgufTensorType.Q8_0, WeightPrecision.Int8, 1, 1e-4f)]
    [InlineData(GgufTensorType.Q8_0, WeightPrecision.Int8, 4, 4e-2f)]
    [InlineData(GgufTensorType.Q4_0, WeightPrecision.Int4, 1, 1e-4f)]
    [InlineData(GgufTensorType.Q4_0, WeightPrecision.Int4, 4, 4e-2f)]
    public void Decode_QuantizedWeights_GivesTheLogitsOfTheSameFloats(GgufTensorType type, WeightPrecision precision, int accuracyLevel, float bound)
    {
        var gguf = FixtureModels.Get(new RandomModelOptions { WeightType = type, EmbeddingType = GgufTensorType.Q8_0 });
        var expected = Decode(FixtureModels.GetGenAi(gguf));
        var actual = Decode(FixtureModels.GetGenAi(gguf, new ConversionOptions { Precision = precision, AccuracyLevel = accuracyLevel }));
        var farthest = 0f;
        for (var row = 0; row < expected.Count; row++)
            farthest = Math.Max(farthest, TensorPrimitives.Distance<float>(expected[row], actual[row]) / TensorPrimitives.Norm<float>(expected[row]));

        output.WriteLine($"{farthest} of the logits' norm at most");
        Assert.InRange(farthest, 0, bound);
    }

    /// <summary>All logits of a prompt, and those of steps of three sequences together.</summary>
    private List<float[]> Decode(string folder)
    {
        using var model = LoadedModel.Load(folder);
        using var session = model.CreateSession(LoadedModel.Options(3, 128));
        int[] Tokens(int start, int count) => [.. Enumerable.Range(start, count).Select(i => i * 37 % Vocabulary)];
        var logits = new List<float[]>();
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 0, Tokens(1, 40), LogitRows.All));
        for (var row = 0; row < 40; row++)
            logits.Add(session.GetLogits(row).ToArray());
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 1, Tokens(50, 3), LogitRows.None));
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch, 2, Tokens(60, 17), LogitRows.None));
        for (var step = 0; step < 8; step++)
        {
            _batch.Clear();
            for (var sequence = 0; sequence < 3; sequence++)
                _batch.Add(sequence, session.GetLength(sequence), Tokens((100 * sequence) + step, 1), LogitRows.Last);
            Assert.Equal(DecodeStatus.Ok, session.Decode(_batch));
            for (var row = 0; row < 3; row++)
                logits.Add(session.GetLogits(row).ToArray());
        }

        return logits;
    }
}
