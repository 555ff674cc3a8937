using System.Net;
using System.Numerics.Tensors;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Export.GenAi;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>One name with both formats, through the real server with both real engines.</summary>
public sealed class OnnxModelTests
{
    private const string Model = "ai/stories";

    private static readonly string[] Prompts = ["Once upon a time", "The dog number 3 ran", "Lily and her mom went"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Completions_StoriesOfBothFormats_AreTheSameText(bool stream)
    {
        await using var server = await StartAsync();
        foreach (var prompt in Prompts)
        {
            var gguf = await server.CompleteAsync("/engines/llama.cpp/v1", Model, prompt, 60, stream);
            Assert.Equal(gguf, await server.CompleteAsync("/engines/onnx/v1", Model, prompt, 60, stream));
        }
    }

    /// <summary>Two models take turns at one gate, over one pool of threads.</summary>
    [Fact]
    public async Task Completions_OfTwoOnnxModelsAtOnce_AreThoseOfEachAlone()
    {
        await using var server = await RealServer.StartAsync(
            new ModelLoadOptions { MaxSequences = 4, Deterministic = true },
            new ModelEntry(Model, FixtureModels.GetGenAi(SharedData.Stories260K)),
            new ModelEntry("ai/tiny", FixtureModels.TinyOnnx));
        Task<string> Ask(int i) => server.CompleteAsync("/engines/onnx/v1", i % 2 == 0 ? Model : "ai/tiny", Prompts[i / 2], 60, stream: true);
        var alone = new string[2 * Prompts.Length];
        for (var i = 0; i < alone.Length; i++)
            alone[i] = await Ask(i);
        Assert.Equal(alone, await Task.WhenAll(Enumerable.Range(0, alone.Length).Select(Ask)));
    }

    [Fact]
    public async Task Completions_LogProbabilities_AreThoseOfLlamaCpp()
    {
        await using var server = await StartAsync();
        async Task<double[]> Ask(string engine)
        {
            var (status, body) = await server.PostAsync(
                $"/engines/{engine}/v1/completions",
                new { model = Model, prompt = Prompts[0], max_tokens = 40, temperature = 0, logprobs = 1 });
            Assert.Equal(HttpStatusCode.OK, status);
            return [.. body.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Select(value => value.GetDouble())];
        }

        var expected = await Ask("llama.cpp");
        var actual = await Ask("onnx");
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-3));
    }

    [Fact]
    public async Task Completions_EngineOfAnotherFormat_IsTheClientsMistakeThatNamesTheRightOne()
    {
        await using var server = await RealServer.StartAsync(ModelLoadOptions.Default, new ModelEntry("ai/tiny", FixtureModels.TinyOnnx));
        var (status, body) = await server.PostAsync("/engines/llama.cpp/v1/completions", new { model = "ai/tiny", prompt = "a" });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("'onnx' can", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.NotNull(await server.CompleteAsync("/engines/v1", "ai/tiny", "hello", 2, stream: false));
    }

    [Fact]
    public async Task Embeddings_OfADecoderWithoutStates_AreTheClientsMistake()
    {
        var folder = FixtureModels.GetGenAi(FixtureModels.Tiny, new ConversionOptions { HasHiddenStates = false });
        await using var server = await RealServer.StartAsync(ModelLoadOptions.Default, new ModelEntry("ai/tiny", folder));
        var (status, body) = await server.PostAsync("/engines/onnx/v1/embeddings", new { model = "ai/tiny", input = "hello" });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("hidden states", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_OfADecoder_AreThoseOfLlamaCpp()
    {
        await using var server = await RealServer.StartAsync(
            new ModelLoadOptions { Deterministic = true }, new ModelEntry("ai/tiny", FixtureModels.TinyOfBothFormats));
        async Task<float[][]> Ask(string engine)
        {
            var (status, body) = await server.PostAsync(
                $"/engines/{engine}/v1/embeddings", new { model = "ai/tiny", input = new[] { "hello", "a longer text of several words" } });
            Assert.Equal(HttpStatusCode.OK, status);
            return [.. body.GetProperty("data").EnumerateArray().Select(entry =>
                entry.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).ToArray())];
        }

        var expected = await Ask("llama.cpp");
        var actual = await Ask("onnx");
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(TensorPrimitives.Distance<float>(pair.First, pair.Second), 0, 1e-3f));
        Assert.InRange(TensorPrimitives.Distance<float>(actual[0], actual[1]), 0.1f, 2);
    }

    private static Task<RealServer> StartAsync() => RealServer.StartAsync(
        new ModelLoadOptions { MaxSequences = 17, Deterministic = true },
        new ModelEntry(Model, FixtureModels.GetBothFormats(SharedData.Stories260K)));
}
