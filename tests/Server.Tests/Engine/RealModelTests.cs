using System.Net;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

public sealed class RealModelTests
{
    // llama2.c's documentation has the same words.
    internal const string Story =
        ", there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball. "
        + "She wanted to play with it, but it was too high.\nLily's mom said";

    internal static readonly string[] Prefixes = ["/engines/llama.cpp/v1", "/engines/v1", "/v1"];

    public static TheoryData<string, bool> PrefixesAndForms =>
        [.. Prefixes.SelectMany(prefix => new[] { new TheoryDataRow<string, bool>(prefix, false), new TheoryDataRow<string, bool>(prefix, true) })];

    [Theory]
    [MemberData(nameof(PrefixesAndForms))]
    public async Task Completions_Stories_GiveThePublishedText(string prefix, bool stream)
    {
        await using var server = await StartStoriesAsync(ModelLoadOptions.Default);
        var text = await server.CompleteAsync(prefix, "ai/stories", "Once upon a time", 80, stream);
        Assert.StartsWith(Story, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChatCompletions_SecondTurn_ReusesTheFirst()
    {
        await using var server = await RealServer.StartAsync(ModelLoadOptions.Default, new ModelEntry("ai/tiny", FixtureModels.Tiny));
        object[] first = [new { role = "user", content = "Tell me about containers, images, layers and registries, please." }];
        var (status, answer) = await server.PostAsync("/v1/chat/completions", new { model = "ai/tiny", messages = first, max_tokens = 8, temperature = 0 });
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(0, Cached(answer));

        object[] second = [.. first, new { role = "assistant", content = "Gladly." }, new { role = "user", content = "Go on." }];
        (_, answer) = await server.PostAsync("/v1/chat/completions", new { model = "ai/tiny", messages = second, max_tokens = 8, temperature = 0 });
        Assert.InRange(Cached(answer), 20, int.MaxValue);
    }

    [Fact]
    public async Task Completions_PromptTooLong_IsTheClientsMistake()
    {
        await using var server = await RealServer.StartAsync(
            new ModelLoadOptions { ContextLength = 64 }, new ModelEntry("ai/tiny", FixtureModels.Tiny));
        var (status, error) = await server.PostAsync(
            "/v1/completions", new { model = "ai/tiny", prompt = Enumerable.Repeat(5, 100).ToArray() });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("context_length_exceeded", error.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Completions_WithBestOf_GivesTheMostLikelyOfTheChoices()
    {
        await using var server = await StartStoriesAsync(ModelLoadOptions.Default with { Deterministic = true });
        object Ask(int n, int bestOf) => new
        {
            model = "ai/stories", prompt = "Once upon a time", max_tokens = 12, seed = 7, temperature = 1.5, logprobs = 0, n, best_of = bestOf,
        };
        var (_, all) = await server.PostAsync("/v1/completions", Ask(n: 6, bestOf: 6));
        var (_, best) = await server.PostAsync("/v1/completions", Ask(n: 1, bestOf: 6));

        var expected = all.GetProperty("choices").EnumerateArray().MaxBy(MeanLogProbability);
        Assert.Equal(expected.GetProperty("text").GetString(), best.GetProperty("choices")[0].GetProperty("text").GetString());
        Assert.Equal(72, best.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    // SentencePiece puts a space before the text, which the echo once showed when log probabilities were asked for.
    [Fact]
    public async Task Completions_EchoWithLogProbabilities_BeginsWithThePromptAsWritten()
    {
        await using var server = await RealServer.StartAsync(
            ModelLoadOptions.Default, new ModelEntry("ai/tiny", FixtureModels.TinySentencePiece));
        var (status, answer) = await server.PostAsync(
            "/v1/completions", new { model = "ai/tiny", prompt = "Once", echo = true, logprobs = 1, max_tokens = 1 });

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith("Once", answer.GetProperty("choices")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unload_BetweenTwoRequests_LoadsAgain()
    {
        await using var server = await StartStoriesAsync(ModelLoadOptions.Default);
        var first = await server.CompleteAsync("/v1", "ai/stories", "Once upon a time", 8, stream: false);
        int unloaded;
        do unloaded = (await server.PostAsync("/engines/unload", new { all = true })).Body.GetProperty("unloaded_runners").GetInt32();
        while (unloaded == 0);

        Assert.Equal(first, await server.CompleteAsync("/v1", "ai/stories", "Once upon a time", 8, stream: false));
    }

    [Fact]
    public async Task Embeddings_OfARealModel_AreUnitVectorsInBothForms()
    {
        await using var server = await RealServer.StartAsync(ModelLoadOptions.Default, new ModelEntry("ai/tiny", FixtureModels.Tiny));
        var (status, numbers) = await server.PostAsync("/v1/embeddings", new { model = "ai/tiny", input = new[] { "hello", "world" } });
        var (_, encoded) = await server.PostAsync("/v1/embeddings", new { model = "ai/tiny", input = "hello", encoding_format = "base64" });

        Assert.Equal(HttpStatusCode.OK, status);
        var vectors = numbers.GetProperty("data").EnumerateArray()
            .Select(entry => entry.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).ToArray()).ToArray();
        Assert.All(vectors, vector => Assert.Equal(1, Math.Sqrt(vector.Sum(value => (double)value * value)), 4));
        var bytes = encoded.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(vectors[0].Length * sizeof(float), bytes.Length);
        Assert.Equal(vectors[0][0], BitConverter.ToSingle(bytes), 3);
    }

    private static double MeanLogProbability(System.Text.Json.JsonElement choice) =>
        choice.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Average(value => value.GetDouble());

    private static Task<RealServer> StartStoriesAsync(ModelLoadOptions load) =>
        RealServer.StartAsync(load, new ModelEntry("ai/stories", SharedData.Stories260K));

    private static int Cached(System.Text.Json.JsonElement answer) =>
        answer.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
}
