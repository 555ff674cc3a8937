using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Runtime;

/// <summary>A folder that asks for an accelerator which this build has not.</summary>
public sealed class SessionOpenerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SessionOpenerTests()
    {
        TinyDecoderFolder.Write(new TinyDecoder(new()), _folder.Path);
        var config = Path.Combine(_folder.Path, "genai_config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace(
            "\"decoder\": {", "\"decoder\": {\"session_options\": {\"provider_options\": [{\"qnn\": {\"backend_path\": \"x\"}}]},", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_MissingAccelerator_ComputesOnTheCpu()
    {
        using var model = LoadedModel.Load(_folder.Path);
        using var session = model.CreateSession(LoadedModel.Options(1, 16));
        Assert.Equal(DecodeStatus.Ok, session.Decode(new DecodeBatch(4, 1), 0, [1, 2], LogitRows.Last));
    }

    [Fact]
    public void Load_MissingAcceleratorThatIsRequired_IsRefusedByName()
    {
        var exception = Assert.Throws<ModelLoadException>(() => LoadedModel.Load(_folder.Path, engine: new OnnxOptions { RequiresProviders = true }));
        Assert.Contains("'qnn', which cannot start: it is not in this build", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Whoever wants nothing on the accelerator misses none. The trial run loads like that.</summary>
    [Fact]
    public void Load_RequiredAcceleratorWithoutLayersForIt_ComputesOnTheCpu()
    {
        using var model = LoadedModel.Load(_folder.Path, new ModelLoadOptions { ThreadCount = 1, GpuLayerCount = 0 }, new OnnxOptions { RequiresProviders = true });
        Assert.Equal(TinyDecoder.Vocabulary, model.Info.VocabularySize);
    }

    public void Dispose() => _folder.Dispose();
}
