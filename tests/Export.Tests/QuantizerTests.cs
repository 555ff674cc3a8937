using ModelRunner.Gguf;

namespace ModelRunner.Export.Tests;

public sealed class QuantizerTests
{
    [Theory]
    [InlineData(GgufTensorType.F32, 0)]
    [InlineData(GgufTensorType.F16, 1.0 / 2048)]
    [InlineData(GgufTensorType.Q8_0, 1.0 / 220)]
    [InlineData(GgufTensorType.Q4_0, 1.0 / 7.9)]
    public void Encode_RandomRows_DecodeWithinTheStep(GgufTensorType type, double boundOfLargest)
    {
        var source = new GaussianSource(7);
        var values = new float[4096];
        var decoded = new float[values.Length];
        var encoded = new byte[Quantizer.SizeInBytes(type, values.Length)];
        source.Fill(values, 0.02f);

        Quantizer.Encode(type, values, encoded);
        Dequantizer.Decode(type, encoded, decoded);

        for (var block = 0; block < values.Length; block += 32)
        {
            var largest = values.AsSpan(block, 32).ToArray().Max(Math.Abs);
            for (var i = block; i < block + 32; i++)
                Assert.InRange(Math.Abs(values[i] - decoded[i]), 0, boundOfLargest * largest);
        }
    }

    [Theory]
    [InlineData(GgufTensorType.Q8_0)]
    [InlineData(GgufTensorType.Q4_0)]
    public void Encode_Zeros_DecodeAsZeros(GgufTensorType type)
    {
        var encoded = new byte[type.BlockSizeInBytes()];
        var decoded = new float[32];

        Quantizer.Encode(type, new float[32], encoded);
        Dequantizer.Decode(type, encoded, decoded);

        Assert.All(decoded, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Fill_ManyNumbers_AreNormal()
    {
        var values = new float[1 << 18];
        new GaussianSource(3).Fill(values, 2);

        // Four standard errors of the mean and of the deviation.
        Assert.InRange(values.Average(value => (double)value), -0.016, 0.016);
        Assert.InRange(Math.Sqrt(values.Average(value => (double)value * value)), 1.989, 2.011);
        Assert.InRange(values.Count(value => Math.Abs(value) < 2) / (double)values.Length, 0.679, 0.687);
    }
}
