using System.Text.Json;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class CompletionsTests
{
    [Theory]
    [InlineData("/engines/llama.cpp/v1/completions")]
    [InlineData("/engines/v1/completions")]
    [InlineData("/v1/completions")]
    public async Task Completion_OnEachPrefix_GivesTheText(string path)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.PostForJsonAsync(path, """{"model":"ai/tiny","prompt":"Once"}""");

        Assert.Equal("text_completion", answer.GetProperty("object").GetString());
        var choice = answer.GetProperty("choices")[0];
        Assert.Equal("Hello \"w\"\n", choice.GetProperty("text").GetString());
        Assert.Equal("length", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(7, answer.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal(16, server.Script.Completions.Single().Output.MaxTokens);
    }

    [Theory]
    [InlineData("\"max_tokens\":-1", null)]
    [InlineData("\"max_completion_tokens\":-1", null)]
    [InlineData("\"n_predict\":-1", null)]
    [InlineData("\"max_tokens\":null", 16)]
    [InlineData("\"max_tokens\":0", 0)]
    [InlineData("\"max_tokens\":7,\"max_completion_tokens\":-1", 7)]
    [InlineData("\"max_tokens\":7,\"max_completion_tokens\":8,\"n_predict\":9", 8)]
    [InlineData("\"max_tokens\":-1,\"n_predict\":9", 9)]
    public async Task Completion_WithALimitOfMinusOne_HasNone(string fields, int? expected)
    {
        await using var server = await TestServer.StartAsync();

        await server.PostForJsonAsync("/v1/completions", $$"""{"model":"tiny","prompt":"a",{{fields}}}""");

        Assert.Equal(expected, server.Script.Completions.Single().Output.MaxTokens);
    }

    [Fact]
    public async Task Completion_WithLogProbabilitiesFalse_HasNone()
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.PostForJsonAsync("/v1/completions", """{"model":"tiny","prompt":"a","logprobs":false}""");

        Assert.Equal(JsonValueKind.Null, answer.GetProperty("choices")[0].GetProperty("logprobs").ValueKind);
        Assert.False(server.Script.Completions.Single().Output.WantsLogProbabilities);
    }

    [Fact]
    public async Task Completion_WithTheStopStringsOfAnEditor_TakesThemAll()
    {
        await using var server = await TestServer.StartAsync();
        var stops = Enumerable.Range(0, 128).Select(index => $"\nstop {index}").ToList();

        await server.PostForJsonAsync(
            "/v1/completions",
            $$"""{"model":"tiny","prompt":"a","stop":{{JsonSerializer.Serialize(stops)}},"stop_token_ids":{{JsonSerializer.Serialize(Enumerable.Range(0, 128))}}}""");

        var output = server.Script.Completions.Single().Output;
        Assert.Equal(stops, output.Stops);
        Assert.Equal(128, output.StopTokens.Count);
    }

    [Theory]
    [InlineData("\"a\"", 1)]
    [InlineData("[\"a\",\"b\"]", 2)]
    [InlineData("[1,2,3]", 1)]
    [InlineData("[[1,2],[3]]", 2)]
    public async Task Completion_WithEachShapeOfPrompt_MakesOneRequestForEach(string prompt, int count)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.PostForJsonAsync("/v1/completions", $$"""{"model":"tiny","prompt":{{prompt}},"n":2}""");

        Assert.Equal(count, server.Script.Completions.Count);
        Assert.Equal(
            Enumerable.Range(0, count * 2),
            answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(4 * count, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Completion_StreamingSeveralPrompts_NumbersChoicesAndSumsUsage()
    {
        await using var server = await TestServer.StartAsync();

        var events = await server.PostForEventsAsync(
            "/v1/completions",
            """{"model":"tiny","prompt":["a","b"],"n":2,"stream":true,"stream_options":{"include_usage":true}}""");

        Assert.Equal("[DONE]", events[^1]);
        var chunks = events[..^1].ConvertAll(line => JsonSerializer.Deserialize(line, OpenAiJson.Relaxed.TextCompletion)!);
        var choices = chunks[..^1].ToLookup(chunk => chunk.Choices[0].Index, chunk => chunk.Choices[0]);
        Assert.Equal([0, 1, 2, 3], choices.Select(group => group.Key).Order());
        Assert.All(choices, group => Assert.Equal("Hello \"w\"\n", string.Concat(group.Select(choice => choice.Text))));
        Assert.All(choices, group => Assert.Equal("length", group.Last().FinishReason));
        Assert.Equal((10, 8), (chunks[^1].Usage!.PromptTokens, chunks[^1].Usage!.CompletionTokens));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Completion_WithEchoAndLogprobs_HasNoneForTheFirstToken(bool isStreaming)
    {
        await using var server = await TestServer.StartAsync();
        server.Script.Pieces = ["é"u8.ToArray(), [0xC3], [0xA9], "b"u8.ToArray()];
        var body = $$"""{"model":"tiny","prompt":"é","echo":true,"logprobs":1,"max_tokens":0,"stream":{{(isStreaming ? "true" : "false")}}}""";

        var parts = isStreaming
            ? (await server.PostForEventsAsync("/v1/completions", body))[..^1]
                .ConvertAll(line => JsonSerializer.Deserialize(line, OpenAiJson.Relaxed.TextCompletion)!.Choices[0].Logprobs)
            : [JsonSerializer.Deserialize((await server.PostForJsonAsync("/v1/completions", body)).GetRawText(), OpenAiJson.Relaxed.TextCompletion)!.Choices[0].Logprobs];
        var logprobs = parts.OfType<TextLogProbabilities>().ToList();

        Assert.Equal(["é", "bytes:\\xc3", "bytes:\\xa9", "b"], logprobs.SelectMany(part => part.Tokens));
        Assert.Equal([0, 1, 2, 2], logprobs.SelectMany(part => part.TextOffset));
        Assert.Equal([null, -0.5f, -0.5f, -0.5f], logprobs.SelectMany(part => part.TokenLogprobs));
        Assert.Equal(4, logprobs.SelectMany(part => part.TopLogprobs).Count());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(",\"logprobs\":0", true)]
    public async Task Completion_WithBestOf_GivesTheMostLikelyOfThem(string more, bool hasLogprobs)
    {
        await using var server = await TestServer.StartAsync();
        float[] scores = [-3, -1, -2, -4];
        server.Script.LogProbability = choice => scores[choice];

        var answer = await server.PostForJsonAsync(
            "/v1/completions", $$"""{"model":"tiny","prompt":["a","b"],"n":2,"best_of":4{{more}}}""");

        Assert.All(server.Script.Completions, request => Assert.Equal(4, request.ChoiceCount));
        var choices = answer.GetProperty("choices").EnumerateArray().ToList();
        Assert.Equal([0, 1, 2, 3], choices.Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(16, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        if (hasLogprobs)
            Assert.Equal([-1f, -2f, -1f, -2f], choices.Select(choice => choice.GetProperty("logprobs").GetProperty("token_logprobs")[0].GetSingle()));
        else
            Assert.All(choices, choice => Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").ValueKind));
    }

    [Fact]
    public async Task Completion_WithAPeersLimit_TakesIt()
    {
        await using var server = await TestServer.StartAsync();

        await server.PostForJsonAsync("/v1/completions", """{"model":"tiny","prompt":"a","n_predict":7}""");
        await server.PostForJsonAsync("/v1/completions", """{"model":"tiny","prompt":"a","n_predict":-1}""");

        Assert.Equal([7, null], server.Script.Completions.Select(request => request.Output.MaxTokens));
    }
}
