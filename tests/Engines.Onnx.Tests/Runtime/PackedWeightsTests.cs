using ModelRunner.Abstractions.Tokens;
using ModelRunner.Export.GenAi;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Runtime;

public sealed class PackedWeightsTests : IDisposable
{
    private static readonly int[] Tokens = [5, 9, 3, 7, 11];

    private readonly TemporaryFolder _cache = new();
    private readonly TemporaryFolder _model = new();

    public PackedWeightsTests() => Copy(FixtureModels.TinyOnnx);

    [Theory]
    [InlineData(WeightPrecision.Fp32)]
    [InlineData(WeightPrecision.Fp16)]
    public void Load_WithPackedWeights_GivesTheSameLogits(WeightPrecision precision)
    {
        Copy(FixtureModels.GetGenAi(FixtureModels.Tiny, new() { Precision = precision }));
        var expected = Decode(new OnnxOptions());
        Assert.Equal(expected, Decode(Options));
        var written = Packed;
        Assert.Equal(expected, Decode(Options));
        Assert.Equal(written, Packed);
    }

    /// <summary>ONNX Runtime would save them in a form that gives zeros.</summary>
    [Theory]
    [InlineData(WeightPrecision.Int8)]
    [InlineData(WeightPrecision.Int4)]
    public void Load_QuantizedWeights_AreNotKept(WeightPrecision precision)
    {
        Copy(FixtureModels.GetGenAi(FixtureModels.Tiny, new() { Precision = precision }));
        Assert.Equal(Decode(new OnnxOptions()), Decode(Options));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cache.Path));
    }

    [Fact]
    public void Load_ChangedWeights_PacksAnew()
    {
        Decode(Options);
        var before = Packed;
        File.SetLastWriteTimeUtc(Path.Combine(_model.Path, "model.onnx.data"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Decode(Options);
        Assert.NotEqual(before, Packed);
    }

    [Fact]
    public void Load_DamagedPackedWeights_DoesWithout()
    {
        var expected = Decode(Options);
        File.WriteAllBytes(Packed, [1, 2, 3]);
        Assert.Equal(expected, Decode(Options));
    }

    [Fact]
    public void Load_FolderThatCannotBeWritten_DoesWithout()
    {
        var file = Path.Combine(_cache.Path, "file");
        File.WriteAllText(file, "");
        Assert.Equal(Decode(new OnnxOptions()), Decode(new OnnxOptions { PackedWeightsFolder = file }));
    }

    public void Dispose()
    {
        _cache.Dispose();
        _model.Dispose();
    }

    private void Copy(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
            File.Copy(file, Path.Combine(_model.Path, Path.GetFileName(file)), overwrite: true);
    }

    private OnnxOptions Options => new() { PackedWeightsFolder = _cache.Path };

    /// <summary>The one packed graph that is kept.</summary>
    private string Packed => Assert.Single(Directory.GetFiles(_cache.Path, "model.onnx", SearchOption.AllDirectories));

    private float[] Decode(OnnxOptions engine)
    {
        using var model = LoadedModel.Load(_model.Path, engine: engine);
        using var session = model.CreateSession(LoadedModel.Options(1, 32));
        Assert.Equal(DecodeStatus.Ok, session.Decode(new DecodeBatch(16, 1), 0, Tokens, LogitRows.Last));
        return session.GetLogits(0).ToArray();
    }
}
