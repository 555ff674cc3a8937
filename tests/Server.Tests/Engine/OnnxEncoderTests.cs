using System.Net;
using System.Numerics.Tensors;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>A folder of sentence-transformers through the real server.</summary>
public sealed class OnnxEncoderTests : IDisposable
{
    private static readonly string[] Texts =
        ["hello world", "a container shares the kernel of its host", "hello", "the kernel of unheard words", "world world world"];

    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-encoder").FullName;
    private readonly TinyEncoder _encoder = new();

    [Theory]
    [InlineData("pooling_mode_mean_tokens", "onnx")]
    [InlineData("pooling_mode_mean_tokens", "")]
    [InlineData("pooling_mode_cls_token", "onnx")]
    [InlineData("pooling_mode_lasttoken", "onnx")]
    public async Task Embeddings_SentenceTransformersFolder_ArePooledAsItSaysAndOfLengthOne(string pooling, string graphFolder)
    {
        _encoder.Write(_folder, pooling, graphFolder);
        await using var server = await RealServer.StartAsync(ModelLoadOptions.Default, new ModelEntry("ai/encoder", _folder));
        foreach (var engine in new[] { "engines/onnx/v1", "engines/v1" })
        {
            // Of different lengths, so that some are padded, and alone.
            foreach (var inputs in new[] { Texts, [Texts[3]] })
            {
                var (status, body) = await server.PostAsync($"/{engine}/embeddings", new { model = "ai/encoder", input = inputs });
                Assert.Equal(HttpStatusCode.OK, status);
                var entries = body.GetProperty("data").EnumerateArray().ToArray();
                Assert.Equal(inputs.Length, entries.Length);
                foreach (var (text, entry) in inputs.Zip(entries))
                {
                    var vector = entry.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).ToArray();
                    Assert.InRange(TensorPrimitives.Distance<float>(Expect(text, pooling), vector), 0, 1e-5f);
                }

                Assert.Equal(inputs.Sum(text => TinyEncoder.Encode(text).Length), body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
            }
        }
    }

    [Fact]
    public async Task Chat_OfAnEncoder_IsTheClientsMistake()
    {
        _encoder.Write(_folder, "pooling_mode_mean_tokens", "onnx");
        await using var server = await RealServer.StartAsync(ModelLoadOptions.Default, new ModelEntry("ai/encoder", _folder));
        var (status, _) = await server.PostAsync(
            "/engines/onnx/v1/chat/completions", new { model = "ai/encoder", messages = new[] { new { role = "user", content = "hello" } } });
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Theory]
    [InlineData("pooling_mode_max_tokens", "pooling_mode_max_tokens")]
    public async Task Embeddings_PoolingThatIsNotSupported_IsRefusedByName(string pooling, string named)
    {
        _encoder.Write(_folder, pooling, "onnx");
        await using var server = await RealServer.StartAsync(ModelLoadOptions.Default, new ModelEntry("ai/encoder", _folder));
        var (status, body) = await server.PostAsync("/engines/onnx/v1/embeddings", new { model = "ai/encoder", input = "hello" });
        Assert.NotEqual(HttpStatusCode.OK, status);
        Assert.Contains(named, body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private float[] Expect(string text, string pooling)
    {
        var states = _encoder.StatesOf(TinyEncoder.Encode(text));
        var vector = pooling switch
        {
            "pooling_mode_cls_token" => states[0],
            "pooling_mode_lasttoken" => states[^1],
            _ => [.. Enumerable.Range(0, TinyEncoder.Width).Select(column => states.Average(state => state[column]))],
        };
        var norm = Math.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => (float)(value / norm))];
    }
}
