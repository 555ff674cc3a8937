using ModelRunner.Export.GenAi;
using ModelRunner.Gguf;
using ModelRunner.Testing;

namespace ModelRunner.Export.Tests.GenAi;

public sealed class MemoryTests
{
    [Theory]
    [InlineData(WeightPrecision.Fp32)]
    [InlineData(WeightPrecision.Int4)]
    public void Convert_LargeMatrices_TakesNoMoreThanItsBudget(WeightPrecision precision)
    {
        const int budget = 1 << 20;
        // 8 MB of embeddings in floats: eight passes over the rows to transpose them.
        var gguf = FixtureModels.Get(new RandomModelOptions
        {
            WeightType = GgufTensorType.Q8_0,
            Shape = ModelShape.Tiny with { Width = 256, VocabularySize = 8192, FeedForwardLength = 1024 },
        });
        using var folder = new EmptyFolder();
        var encoder = new MatrixEncoder(budget, TestContext.Current.CancellationToken);
        var before = GC.GetAllocatedBytesForCurrentThread();
        GenAiConverter.Convert(GgufFile.Read(gguf), folder.Path, new ConversionOptions { Precision = precision }, encoder, null, TestContext.Current.CancellationToken);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(encoder.LargestBufferInBytes, precision == WeightPrecision.Fp32 ? budget / 2 : 0, budget);
        // All that was ever allocated, vocabulary and rotary tables included, though not at one time.
        Assert.InRange(allocated, 0, 40 << 20);
    }

    [Fact]
    public void WriteTransposed_InStripes_GivesWhatOnePassGives()
    {
        var path = FixtureModels.Get(new RandomModelOptions { Seed = 3 });
        var file = GgufFile.Read(path);
        using var reader = new TensorReader(file);
        var matrix = WeightMatrix.From(reader, file.FindTensor("blk.0.ffn_down.weight")!);

        Assert.Equal(Transpose(matrix, 1 << 20), Transpose(matrix, 64 * sizeof(float) * 5));
    }

    private static byte[] Transpose(WeightMatrix matrix, int budget)
    {
        using var stream = new MemoryStream();
        new MatrixEncoder(budget, CancellationToken.None).WriteTransposed(matrix, asHalves: false, stream);
        return stream.ToArray();
    }

    private sealed class EmptyFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("modelrunner-export-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
