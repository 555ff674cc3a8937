using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Embedding;

/// <summary>Embeddings of decoders whose hidden states are an output. That they are right is TinyDecoderTests'.</summary>
public sealed class DecoderEmbeddingTests : IDisposable
{
    private const int BytesPerToken = 128;

    private readonly TemporaryFolder _folder = new();

    /// <summary>Where neither the folder nor the graph says how long a text may be, embeddings have the length that generation has.</summary>
    [Fact]
    public void Embed_FolderWithoutAContextLength_TakesInputs()
    {
        Write(new() { HasStates = true });
        var config = Path.Combine(_folder.Path, "genai_config.json");
        var text = File.ReadAllText(config);
        var said = $"\"context_length\": {TinyDecoder.ContextLength}, ";
        Assert.Contains(said, text, StringComparison.Ordinal);
        File.WriteAllText(config, text.Replace(said, "", StringComparison.Ordinal));
        using var model = LoadedModel.Load(_folder.Path);
        using var session = model.CreateEmbeddingSession(new EmbeddingOptions());
        Assert.Equal(2048, session.MaxInputLength);
        Embed(session, [1, 2, 3]);
    }

    [Fact]
    public void Estimate_WindowsCache_CountsTheLongestInput()
    {
        var compute = ComputeOf(new() { IsShared = true, HasWindowCache = true, Window = 20 });
        Assert.Equal(
            compute + (TinyDecoder.ContextLength * BytesPerToken),
            ComputeOf(new() { IsShared = true, HasWindowCache = true, Window = 20, HasStates = true }));
        Assert.Equal(compute, ComputeOf(new() { IsShared = true, HasStates = true }));
    }

    public void Dispose() => _folder.Dispose();

    private static void Embed(IEmbeddingSession session, int[] tokens)
    {
        var batch = new EmbeddingBatch();
        batch.Add(tokens);
        var vector = new float[TinyDecoder.Width];
        session.Embed(batch, PoolingKind.Mean, vector);
        Assert.Contains(vector, value => value != 0);
    }

    private long ComputeOf(TinyDecoderOptions options)
    {
        Write(options);
        return new OnnxModelLoader(new OnnxOptions(), NullLoggerFactory.Instance).Estimate(
            new ModelBundle { Name = "tiny", Formats = ModelFormat.OnnxGenAi, OnnxFolder = _folder.Path },
            new ModelLoadOptions { MaxSequences = 2, ContextLength = 50 }).ComputeInBytes;
    }

    private void Write(TinyDecoderOptions options) => TinyDecoderFolder.Write(new TinyDecoder(options), _folder.Path);
}
