using ModelRunner.Engines.Onnx.Graphs;
using ModelRunner.Export.GenAi;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Graphs;

public sealed class WeightCensusTests
{
    /// <summary>Whatever the weights are stored as, there are as many; norms and rotary tables are floats in all of them.</summary>
    [Theory]
    [InlineData(WeightPrecision.Fp32, null, 32)]
    [InlineData(WeightPrecision.Fp16, null, 16)]
    [InlineData(WeightPrecision.Int8, null, 8)]
    [InlineData(WeightPrecision.Int4, null, 4)]
    [InlineData(WeightPrecision.Int4, WeightPrecision.Int4, 4)]
    public void Total_EachPrecision_HasTheSameNumberOfWeights(WeightPrecision precision, WeightPrecision? embeddings, int bits)
    {
        // Short rotary tables: most bytes are the matrices'.
        var options = new ConversionOptions { Precision = precision, EmbeddingPrecision = embeddings, ContextLength = 64 };
        var graph = Read(FixtureModels.GetGenAi(FixtureModels.Tiny, options));
        var expected = Read(FixtureModels.GetGenAi(FixtureModels.Tiny, new ConversionOptions { ContextLength = 64 }));
        Assert.Equal(bits, graph.WeightBits);

        // The output matrix of floats is transposed, and so a copy of the tied one: quantised ones share their bytes.
        var shared = precision is WeightPrecision.Int8 or WeightPrecision.Int4 ? 512 * 64 : 0;
        Assert.Equal(expected.ParameterCount - shared, graph.ParameterCount);
    }

    [Fact]
    public void Total_CodesInBytes_AreCountedAsTheNodeReadsThem()
    {
        var census = new WeightCensus();
        census.Add("codes", ElementType.UInt8, 3 * 2 * 16, 3 * 2 * 16, "a");
        census.Add("scales", ElementType.Float32, 6, 24, "b");
        census.Add("zeros", ElementType.UInt8, 3, 3, "c");
        census.Add("same codes", ElementType.UInt8, 3 * 2 * 16, 3 * 2 * 16, "a");
        census.Add("shape", ElementType.Int64, 4, 32, null);
        census.Use("MatMulNBits", ["x", "codes", "scales", "zeros"], new Dictionary<string, long> { ["K"] = 40, ["N"] = 3, ["bits"] = 4 });

        // The second block of each row has 8 weights only.
        Assert.Equal((120, 123, 4), census.Total());
    }

    [Fact]
    public void Total_HostileSizes_Saturate()
    {
        var census = new WeightCensus();
        census.Add("codes", ElementType.UInt8, long.MaxValue, long.MaxValue, null);
        census.Add("more", ElementType.UInt8, long.MaxValue, long.MaxValue, null);
        census.Use("MatMulNBits", ["x", "codes", "scales"], new Dictionary<string, long> { ["K"] = long.MaxValue, ["N"] = -1, ["bits"] = 0 });
        census.Use("GatherBlockQuantized", [], new Dictionary<string, long>());
        Assert.Equal((long.MaxValue, long.MaxValue), (census.Total().ParameterCount, census.Total().SizeInBytes));
    }

    private static OnnxGraph Read(string folder) => OnnxGraphReader.Read(File.ReadAllBytes(Path.Combine(folder, "model.onnx")), folder);
}
