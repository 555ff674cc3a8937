using ModelRunner.Export.GenAi;
using ModelRunner.Gguf;
using ModelRunner.Testing;

namespace ModelRunner.Export.Tests.GenAi;

/// <summary>Converted random models in ONNX Runtime against <see cref="ReferenceDecoder"/> over the GGUF's own tensors.</summary>
public sealed class VariantTests
{
    private static readonly int[] Prompt = [.. Enumerable.Range(0, 40).Select(i => 3 + i * 83 % 500)];

    [Theory]
    [InlineData("llama", RopeScaling.None, true, 16)]
    [InlineData("llama", RopeScaling.Linear, false, 32)]
    [InlineData("llama", RopeScaling.Yarn, true, 16)]
    [InlineData("llama", RopeScaling.PerPair, true, 24)]
    [InlineData("qwen2", RopeScaling.None, true, 16)]
    [InlineData("qwen2", RopeScaling.Yarn, false, 8)]
    [InlineData("qwen3", RopeScaling.None, true, 32)]
    [InlineData("qwen3", RopeScaling.Yarn, false, 24)]
    [InlineData("smollm3", RopeScaling.None, true, 16)]
    public void Convert_Architecture_AgreesWithTheReference(string architecture, RopeScaling scaling, bool isTied, int headLength)
    {
        var options = Options(architecture) with
        {
            RopeScaling = scaling,
            Shape = ModelShape.Tiny with { HeadLength = headLength, HasTiedOutput = isTied, LayerCount = 4, ContextLength = 128 },
        };

        Assert.InRange(Distance(options, new ConversionOptions()), 0, 1e-4);
    }

    /// <summary>The other elements of a head stay as they are, wherever the pairs of the rotated ones lie.</summary>
    [Theory]
    [InlineData("llama", 8u)]
    [InlineData("llama", 2u)]
    [InlineData("qwen2", 8u)]
    [InlineData("qwen3", 12u)]
    public void Convert_PartOfAHeadRotated_AgreesWithTheReference(string architecture, uint rotated)
    {
        var folder = Directory.CreateTempSubdirectory("modelrunner-export-").FullName;
        try
        {
            var gguf = RewrittenModel.Write(
                Path.Combine(folder, "model.gguf"), Options(architecture),
                metadata => metadata[$"{architecture}.rope.dimension_count"] = GgufValue.From(rotated), []);
            using var converted = new ConvertedFolder(gguf);
            using var decoder = new OnnxDecoder(converted.Path);
            Assert.InRange(LogitDistance.Largest(new ReferenceDecoder(gguf).Decode(Prompt), decoder.Decode(Prompt)), 0, 1e-4);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(GgufTensorType.F16, WeightPrecision.Fp16, null)]
    [InlineData(GgufTensorType.Q8_0, WeightPrecision.Fp32, null)]
    [InlineData(GgufTensorType.Q4_0, WeightPrecision.Fp32, null)]
    [InlineData(GgufTensorType.Q8_0, WeightPrecision.Int8, null)]
    [InlineData(GgufTensorType.Q4_0, WeightPrecision.Int4, GgufTensorType.Q8_0)]
    public void Convert_MatchingPrecision_LosesNothing(GgufTensorType type, WeightPrecision precision, GgufTensorType? embeddingType)
    {
        var options = Options("llama") with { WeightType = type, EmbeddingType = embeddingType };

        Assert.InRange(Distance(options, new ConversionOptions { Precision = precision, AccuracyLevel = 1 }), 0, 1e-4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Convert_FourBitEmbeddings_LoseNothing(bool isTied)
    {
        var options = Options("qwen2") with { WeightType = GgufTensorType.Q4_0, Shape = ModelShape.Tiny with { HasTiedOutput = isTied } };
        var conversion = new ConversionOptions { Precision = WeightPrecision.Int4, EmbeddingPrecision = WeightPrecision.Int4, AccuracyLevel = 1 };

        Assert.InRange(Distance(options, conversion), 0, 1e-4);
    }

    [Theory]
    [InlineData(GgufTensorType.F32, WeightPrecision.Fp16, 1, 1e-3)]
    [InlineData(GgufTensorType.F32, WeightPrecision.Int8, 4, 0.05)]
    [InlineData(GgufTensorType.Q4_0, WeightPrecision.Int8, 4, 0.05)]
    [InlineData(GgufTensorType.F32, WeightPrecision.Int4, 4, 0.4)]
    [InlineData(GgufTensorType.Q8_0, WeightPrecision.Int8, 4, 0.05)]
    [InlineData(GgufTensorType.Q4_0, WeightPrecision.Int4, 4, 0.05)]
    public void Convert_RoundedWeightsOrActivations_StaysNearTheReference(
        GgufTensorType type, WeightPrecision precision, int accuracyLevel, double bound)
    {
        var gguf = FixtureModels.Get(Options("llama") with { WeightType = type });
        var conversion = new ConversionOptions { Precision = precision, AccuracyLevel = accuracyLevel };
        using var decoder = new OnnxDecoder(FixtureModels.GetGenAi(gguf, conversion));

        Assert.InRange(LogitDistance.Relative(new ReferenceDecoder(gguf).Decode(Prompt), decoder.Decode(Prompt)), 1e-5, bound);
    }

    [Theory]
    [InlineData(WeightPrecision.Fp32)]
    [InlineData(WeightPrecision.Int8)]
    [InlineData(WeightPrecision.Int4)]
    public void Decode_InSteps_AgreesWithOneStep(WeightPrecision precision)
    {
        var gguf = FixtureModels.Get(Options("qwen3"));
        using var decoder = new OnnxDecoder(FixtureModels.GetGenAi(gguf, new ConversionOptions { Precision = precision, AccuracyLevel = 1 }));
        var whole = decoder.Decode(Prompt);
        decoder.Reset();
        float[][] parts = [.. decoder.Decode(Prompt.AsSpan(0, 20)), .. decoder.Decode(Prompt.AsSpan(20, 19)), .. decoder.Decode(Prompt[^1])];

        Assert.InRange(LogitDistance.Largest([.. whole.Select(row => row.Select(value => (double)value).ToArray())], parts), 0, 1e-4);
    }

    private static RandomModelOptions Options(string architecture) => new() { Architecture = architecture, NormDeviation = 0.2f, Seed = 11 };

    private static double Distance(RandomModelOptions options, ConversionOptions conversion)
    {
        var gguf = FixtureModels.Get(options);
        using var decoder = new OnnxDecoder(FixtureModels.GetGenAi(gguf, conversion));
        return LogitDistance.Largest(new ReferenceDecoder(gguf).Decode(Prompt), decoder.Decode(Prompt));
    }
}
