using System.Net;
using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class ChatCompletionsTests
{
    private const string Body = """{"model":"tiny","messages":[{"role":"user","content":"Hi"}]}""";
    private const string StreamBody = """{"model":"tiny","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    [Theory]
    [InlineData("/engines/llama.cpp/v1/chat/completions")]
    [InlineData("/engines/v1/chat/completions")]
    [InlineData("/v1/chat/completions")]
    public async Task Chat_OnEachPrefix_GivesTheWholeAnswer(string path)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.PostForJsonAsync(path, Body);

        Assert.StartsWith("chatcmpl-", answer.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
        Assert.Equal("tiny", answer.GetProperty("model").GetString());
        var choice = answer.GetProperty("choices")[0];
        Assert.Equal("Hello \"w\"\n", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("refusal").ValueKind);
        Assert.False(choice.GetProperty("message").TryGetProperty("tool_calls", out _));
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").ValueKind);
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        var usage = answer.GetProperty("usage");
        Assert.Equal(7, usage.GetProperty("total_tokens").GetInt32());
        Assert.Equal(3, usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    [Theory]
    [InlineData("/engines/llama.cpp/v1/chat/completions", false)]
    [InlineData("/engines/v1/chat/completions", true)]
    [InlineData("/v1/chat/completions", true)]
    public async Task Chat_Streaming_GivesRoleTextAndFinish(string path, bool yields)
    {
        await using var server = await TestServer.StartAsync();
        server.Script.Yields = yields;

        var events = await server.PostForEventsAsync(path, StreamBody);

        Assert.Equal("[DONE]", events[^1]);
        var chunks = events[..^1].ConvertAll(Parse);
        Assert.Equal("assistant", chunks[0].Choices[0].Delta.Role);
        Assert.Equal("", chunks[0].Choices[0].Delta.Content);
        Assert.Equal("Hello \"w\"\n", string.Concat(chunks.Select(chunk => chunk.Choices[0].Delta.Content)));
        Assert.All(chunks[..^1], chunk => Assert.Null(chunk.Choices[0].FinishReason));
        Assert.Equal("stop", chunks[^1].Choices[0].FinishReason);
        Assert.EndsWith("\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}", events[^2], StringComparison.Ordinal);
        Assert.Single(chunks.Select(chunk => (chunk.Id, chunk.Created, chunk.Model, chunk.Object)).Distinct());
        Assert.DoesNotContain("usage", string.Concat(events), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_StreamingWithUsage_EndsWithAUsageChunkWithoutChoices()
    {
        await using var server = await TestServer.StartAsync();

        var events = await server.PostForEventsAsync(
            "/v1/chat/completions", StreamBody.Replace("true,", "true,\"stream_options\":{\"include_usage\":true},", StringComparison.Ordinal));

        var usage = Parse(events[^2]);
        Assert.Empty(usage.Choices);
        Assert.Equal(7, usage.Usage!.TotalTokens);
        Assert.Equal(3, usage.Usage.PromptTokensDetails.CachedTokens);
        Assert.All(events[..^2], line => Assert.EndsWith(",\"usage\":null}", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Chat_WithSeveralChoices_NumbersThemAndEndsEach()
    {
        await using var server = await TestServer.StartAsync();

        var events = await server.PostForEventsAsync(
            "/v1/chat/completions", StreamBody.Replace("true,", "true,\"n\":3,", StringComparison.Ordinal));

        var choices = events[..^1].Select(line => Parse(line).Choices[0]).ToLookup(choice => choice.Index);
        Assert.Equal([0, 1, 2], choices.Select(group => group.Key).Order());
        Assert.All(choices, group => Assert.Equal("stop", group.Last().FinishReason));
        Assert.All(choices, group => Assert.Equal("Hello \"w\"\n", string.Concat(group.Select(choice => choice.Delta.Content))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chat_WithLogprobs_TellsTokensAndBytes(bool isStreaming)
    {
        await using var server = await TestServer.StartAsync();
        server.Script.Pieces = ["a"u8.ToArray(), [0xC3]];
        var body = StreamBody.Replace("true,", $"{(isStreaming ? "true" : "false")},\"logprobs\":true,\"top_logprobs\":1,", StringComparison.Ordinal);

        var tokens = isStreaming
            ? (await server.PostForEventsAsync("/v1/chat/completions", body))[..^1]
                .Select(line => Parse(line).Choices[0].Logprobs).OfType<ChatLogProbabilities>().SelectMany(part => part.Content).ToList()
            : JsonSerializer.Deserialize(
                (await server.PostForJsonAsync("/v1/chat/completions", body)).GetRawText(), OpenAiJson.Relaxed.ChatCompletion)!
                .Choices[0].Logprobs!.Content;

        Assert.Equal(["a", "\uFFFD"], tokens.Select(token => token.Token));
        Assert.Equal([0xC3], tokens[1].Bytes);
        Assert.Equal(-0.5f, tokens[0].Logprob);
        Assert.Equal("a", tokens[0].TopLogprobs[0].Token);
    }

    [Fact]
    public async Task Chat_WithMessages_KeepsTheirOwnText()
    {
        await using var server = await TestServer.StartAsync();

        await server.PostForJsonAsync("/v1/chat/completions", """
            {"model":"tiny","messages":[{"b": 1.50, "role":"user", "content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":{"x": 1.0}}}]},
            {"role":"tool","tool_call_id":"c1","content":"r"}],"chat_template_kwargs":{"k": 1e2},"temperature":null,"unknown":7,
            "max_tokens":3,"max_completion_tokens":4,"top_k":-1,"stop":"x","seed":-5,"logit_bias":{"5":-100}}
            """);

        var chat = server.Script.LastChat!;
        Assert.Equal("""{"b": 1.50, "role":"user", "content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}""", chat.Messages[0].Json.ToString());
        Assert.Equal("ab", chat.Messages[0].Content);
        Assert.Equal("{\"x\": 1.0}", chat.Messages[1].ToolCalls[0].ArgumentsJson);
        Assert.Equal("c1", chat.Messages[2].ToolCallId);
        Assert.Equal("1e2", chat.TemplateVariables["k"].ToString());
        Assert.Equal(4, chat.Output.MaxTokens);
        Assert.Equal(["x"], chat.Output.Stops);
        Assert.Equal(-1, chat.Output.TopLogProbabilityCount);
        Assert.Equal((1f, 0, -5L), (chat.Sampling.Temperature, chat.Sampling.TopK, chat.Sampling.Seed!.Value));
        Assert.Equal(-100f, chat.Sampling.LogitBias[5]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chat_RefusedAtAdmission_HasItsStatus(bool isStreaming)
    {
        await using var server = await TestServer.StartAsync();
        server.Script.Refusal = new ServerBusyException("The queue is full.", TimeSpan.FromMilliseconds(1500));

        using var response = await server.PostAsync("/v1/chat/completions", isStreaming ? StreamBody : Body);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("2", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal("1500", response.Headers.GetValues("retry-after-ms").Single());
        Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_FailingAfterTheStart_EndsWithAnErrorEvent()
    {
        await using var server = await TestServer.StartAsync();
        server.Script.Failure = new GenerationException(GenerationException.DecodeFailed, "A step failed.");
        server.Script.Yields = true;

        var events = await server.PostForEventsAsync("/v1/chat/completions", StreamBody);

        Assert.DoesNotContain("[DONE]", events);
        Assert.Equal(
            """{"error":{"message":"A step failed.","type":"server_error","param":null,"code":"decode_failed"}}""",
            events[^1]);
    }

    [Fact]
    public async Task Chat_FailingUnexpectedly_TellsNoDetails()
    {
        await using var server = await TestServer.StartAsync();
        server.Script.Refusal = new InvalidOperationException("secret path");

        var answer = await server.PostForJsonAsync("/v1/chat/completions", Body, HttpStatusCode.InternalServerError);

        Assert.DoesNotContain("secret", answer.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("internal_error", answer.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chat_ClientGone_CancelsTheGeneration(bool isStreaming)
    {
        await using var server = await TestServer.StartAsync();
        server.Script.Hangs = true;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(isStreaming ? StreamBody : Body),
        };
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var call = server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave.Token);
        if (isStreaming)
            (await call).Dispose();
        else
        {
            await server.Client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
            while (server.Script.LastChat is null) await Task.Yield();
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        await server.Script.Cancelled.Task.WaitAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
    }

    private static ChatCompletionChunk Parse(string json) =>
        JsonSerializer.Deserialize(json, OpenAiJson.Relaxed.ChatCompletionChunk)!;
}
