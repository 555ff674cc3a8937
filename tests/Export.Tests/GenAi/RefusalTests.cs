using ModelRunner.Export.GenAi;
using ModelRunner.Gguf;
using ModelRunner.Testing;

namespace ModelRunner.Export.Tests.GenAi;

public sealed class RefusalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-export-").FullName;

    [Theory]
    [InlineData("general.architecture", "gemma2", "gemma2")]
    [InlineData("llama.rope.scaling.type", "longrope", "longrope")]
    [InlineData("tokenizer.ggml.pre", "unheard-of", "unheard-of")]
    [InlineData("tokenizer.ggml.model", "bert", "bert")]
    public void Convert_TextThatCannotBeConverted_IsRefusedByName(string key, string value, string named) =>
        AssertRefused(Rewrite(metadata => metadata[key] = GgufValue.From(value)), named);

    [Theory]
    [InlineData("llama.pooling_type", 1u)]
    [InlineData("llama.attention.sliding_window", 512u)]
    public void Convert_NumberThatCannotBeConverted_IsRefusedByName(string key, uint value) =>
        AssertRefused(Rewrite(metadata => metadata[key] = GgufValue.From(value)), key);

    [Fact]
    public void Convert_KeysAndValuesOfTwoLengths_AreRefusedByName() =>
        AssertRefused(
            RewrittenModel.Write(
                Path.Combine(_folder, "model.gguf"), new RandomModelOptions(),
                metadata => metadata["llama.attention.value_length"] = GgufValue.From(8u), [], hasHalfValues: true),
            "'llama.attention.value_length' is 8, keys have 16");

    [Fact]
    public void Convert_TensorWithoutAPlace_IsRefusedByName() =>
        AssertRefused(Rewrite(_ => { }, ("blk.0.ffn_gate.bias", GgufTensorType.F32)), "blk.0.ffn_gate.bias");

    [Fact]
    public void Convert_TypeWithoutADecoder_IsRefusedByName() =>
        AssertRefused(Rewrite(_ => { }, ("output.weight", GgufTensorType.IQ4_NL)), "IQ4_NL");

    [Fact]
    public void Convert_HostileFiles_AreRefusedWithoutAnythingElse()
    {
        foreach (var hostile in HostileGgufs.All)
        {
            var path = Path.Combine(_folder, "hostile.gguf");
            File.WriteAllBytes(path, hostile.Content);
            Assert.Throws<ConversionException>(() => GenAiConverter.Convert(path, Path.Combine(_folder, "out"), cancellation: TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void Convert_Cancelled_LeavesNoModel()
    {
        using var cancellation = new CancellationTokenSource();
        var progress = new CallbackProgress(value =>
        {
            if (value.Weight.Contains("layers.1", StringComparison.Ordinal))
                cancellation.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() =>
            GenAiConverter.Convert(FixtureModels.Tiny, _folder, progress: progress, cancellation: cancellation.Token));
        Assert.False(File.Exists(Path.Combine(_folder, "genai_config.json")));
    }

    [Fact]
    public void Convert_Progress_RisesToTheTotal()
    {
        var reports = new List<ConversionProgress>();
        GenAiConverter.Convert(FixtureModels.Tiny, _folder, progress: new CallbackProgress(reports.Add), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(reports.OrderBy(report => report.WrittenBytes), reports);
        Assert.All(reports, report => Assert.InRange(report.WrittenBytes, 0, report.TotalBytes));
        Assert.Equal(reports[^1].TotalBytes, reports[^1].WrittenBytes);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void AssertRefused(string gguf, string named)
    {
        var output = Path.Combine(_folder, "out");
        var refused = Assert.Throws<ConversionException>(() => GenAiConverter.Convert(gguf, output, cancellation: TestContext.Current.CancellationToken));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(output));
    }

    private string Rewrite(Action<Dictionary<string, GgufValue>> change, params (string Name, GgufTensorType Type)[] added) =>
        RewrittenModel.Write(Path.Combine(_folder, "model.gguf"), new RandomModelOptions(), change, added);

    private sealed class CallbackProgress(Action<ConversionProgress> report) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => report(value);
    }
}
