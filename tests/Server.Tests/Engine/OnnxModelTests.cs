using System.Net;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>One name with both formats, through the real server with both real engines.</summary>
public sealed class OnnxModelTests
{
    private static readonly string[] Prompts = ["Once upon a time", "The dog number 3 ran", "Lily and her mom went"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Completions_StoriesOfBothFormats_AreTheSameText(bool stream)
    {
        using var folder = new BothFormats();
        await using var server = await folder.StartAsync();
        foreach (var prompt in Prompts)
        {
            var gguf = await server.CompleteAsync("/engines/llama.cpp/v1", BothFormats.Model, prompt, 60, stream);
            Assert.Equal(gguf, await server.CompleteAsync("/engines/onnx/v1", BothFormats.Model, prompt, 60, stream));
        }
    }

    [Fact]
    public async Task Completions_OnnxAmongSixteenOthers_GivesTheSameText()
    {
        using var folder = new BothFormats();
        await using var server = await folder.StartAsync();
        var alone = await server.CompleteAsync("/engines/onnx/v1", BothFormats.Model, Prompts[0], 60, stream: true);
        var others = Enumerable.Range(0, 16)
            .Select(i => server.CompleteAsync("/engines/onnx/v1", BothFormats.Model, $"The dog number {i} ran", 30 + i, stream: i % 2 == 0))
            .ToArray();
        Assert.Equal(alone, await server.CompleteAsync("/engines/onnx/v1", BothFormats.Model, Prompts[0], 60, stream: true));
        Assert.All(await Task.WhenAll(others), Assert.NotEmpty);
    }

    [Fact]
    public async Task Completions_LogProbabilities_AreThoseOfLlamaCpp()
    {
        using var folder = new BothFormats();
        await using var server = await folder.StartAsync();
        async Task<double[]> Ask(string engine)
        {
            var (status, body) = await server.PostAsync(
                $"/engines/{engine}/v1/completions",
                new { model = BothFormats.Model, prompt = Prompts[0], max_tokens = 40, temperature = 0, logprobs = 1 });
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
        await using var server = await RealServer.StartAsync(ModelLoadOptions.Default, new ModelEntry("ai/tiny", FixtureModels.TinyOnnx));
        var (status, body) = await server.PostAsync("/engines/onnx/v1/embeddings", new { model = "ai/tiny", input = "hello" });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("hidden states", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A folder with a GGUF and what it is converted to.</summary>
    private sealed class BothFormats : IDisposable
    {
        public const string Model = "ai/stories";

        private readonly string _folder;

        public BothFormats()
        {
            var gguf = SharedData.Stories260K;
            _folder = Directory.CreateTempSubdirectory("modelrunner-both").FullName;
            foreach (var file in Directory.EnumerateFiles(FixtureModels.GetGenAi(gguf)).Append(gguf))
                File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        public Task<RealServer> StartAsync() =>
            RealServer.StartAsync(new ModelLoadOptions { MaxSequences = 17, Deterministic = true }, new ModelEntry(Model, _folder));

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
