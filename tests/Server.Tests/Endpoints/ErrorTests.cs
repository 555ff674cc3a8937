using System.Net;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class ErrorTests
{
    [Fact]
    public async Task Chat_WithAFieldOutOfBounds_NamesTheField()
    {
        await using var server = await TestServer.StartAsync();
        (string Fields, string Parameter)[] cases =
        [
            ("\"temperature\":2.1", "temperature"), ("\"temperature\":-0.1", "temperature"),
            ("\"temperature\":\"1\"", "temperature"), ("\"temperature\":1e999", "temperature"),
            ("\"top_p\":1.01", "top_p"), ("\"top_p\":[]", "top_p"), ("\"min_p\":-1", "min_p"),
            ("\"typical_p\":2", "typical_p"), ("\"top_k\":-2", "top_k"), ("\"top_k\":1.5", "top_k"),
            ("\"n\":0", "n"), ("\"n\":129", "n"), ("\"n\":\"1\"", "n"), ("\"n\":99999999999999999999", "n"),
            ("\"max_tokens\":0", "max_tokens"), ("\"max_tokens\":-1", "max_tokens"),
            ("\"max_completion_tokens\":0", "max_completion_tokens"), ("\"max_tokens\":{}", "max_tokens"),
            ("\"min_tokens\":-1", "min_tokens"), ("\"max_tokens\":2,\"min_tokens\":3", "min_tokens"),
            ("\"presence_penalty\":2.5", "presence_penalty"), ("\"frequency_penalty\":-2.5", "frequency_penalty"),
            ("\"repetition_penalty\":0", "repetition_penalty"), ("\"repeat_penalty\":-1", "repeat_penalty"),
            ("\"repeat_last_n\":-2", "repeat_last_n"),
            ("\"stop\":\"\"", "stop"), ("\"stop\":[\"\"]", "stop"), ("\"stop\":[1]", "stop"), ("\"stop\":5", "stop"),
            ("\"stop\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\",\"17\"]", "stop"),
            ("\"stop\":\"\\ud800\"", "stop"), ("\"stop_token_ids\":[-1]", "stop_token_ids"),
            ("\"logit_bias\":[]", "logit_bias"), ("\"logit_bias\":{\"x\":1}", "logit_bias"),
            ("\"logit_bias\":{\"1\":101}", "logit_bias"), ("\"logit_bias\":{\"-1\":1}", "logit_bias"),
            ("\"seed\":\"x\"", "seed"), ("\"seed\":1.5", "seed"),
            ("\"logprobs\":1", "logprobs"), ("\"top_logprobs\":3", "top_logprobs"),
            ("\"logprobs\":true,\"top_logprobs\":21", "top_logprobs"), ("\"logprobs\":true,\"top_logprobs\":-1", "top_logprobs"),
            ("\"stream\":\"true\"", "stream"), ("\"stream_options\":{\"include_usage\":true}", "stream_options"),
            ("\"stream\":true,\"stream_options\":{\"include_usage\":1}", "stream_options.include_usage"),
            ("\"ignore_eos\":1", "ignore_eos"), ("\"cache_prompt\":\"no\"", "cache_prompt"),
            ("\"tools\":[{}]", "tools"), ("\"functions\":[{}]", "functions"), ("\"tool_choice\":\"required\"", "tool_choice"),
            ("\"tool_choice\":{\"type\":\"function\"}", "tool_choice"), ("\"response_format\":{\"type\":\"json_object\"}", "response_format"),
            ("\"response_format\":\"text\"", "response_format"), ("\"grammar\":\"root ::= 1\"", "grammar"),
            ("\"guided_json\":{\"a\":1}", "guided_json"), ("\"guided_regex\":\"a\"", "guided_regex"),
            ("\"guided_choice\":[\"a\"]", "guided_choice"), ("\"structured_outputs\":{\"regex\":\"a\"}", "structured_outputs"),
            ("\"modalities\":[\"audio\"]", "modalities"), ("\"audio\":{\"voice\":\"x\"}", "audio"), ("\"mirostat\":1", "mirostat"),
            ("\"reasoning_effort\":\"huge\"", "reasoning_effort"), ("\"chat_template_kwargs\":1", "chat_template_kwargs"),
            ("\"parallel_tool_calls\":1", "parallel_tool_calls"),
        ];

        foreach (var (fields, parameter) in cases)
            await AssertRefusedAsync(server, "/v1/chat/completions", $$"""{"model":"tiny","messages":[{"role":"user","content":"Hi"}],{{fields}}}""", parameter);
    }

    [Fact]
    public async Task Chat_WithBrokenMessages_NamesThePlace()
    {
        await using var server = await TestServer.StartAsync();
        (string Messages, string Parameter)[] cases =
        [
            ("null", "messages"), ("[]", "messages"), ("{}", "messages"), ("\"x\"", "messages"), ("[1]", "messages[0]"),
            ("[{}]", "messages[0].role"), ("[{\"role\":\"king\",\"content\":\"x\"}]", "messages[0].role"),
            ("[{\"role\":1,\"content\":\"x\"}]", "messages[0].role"), ("[{\"role\":\"user\"}]", "messages[0].content"),
            ("[{\"role\":\"user\",\"content\":null}]", "messages[0].content"), ("[{\"role\":\"user\",\"content\":5}]", "messages[0].content"),
            ("[{\"role\":\"user\",\"content\":[5]}]", "messages[0].content[0]"),
            ("[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]", "messages[0].content[0].type"),
            ("[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]", "messages[0].content[0].text"),
            ("[{\"role\":\"assistant\",\"tool_calls\":[{}]}]", "messages[0].tool_calls[0].function"),
            ("[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{}}]}]", "messages[0].tool_calls[0].function.name"),
            ("[{\"role\":\"user\",\"content\":\"\\udc00\"}]", "messages[0].content"),
        ];

        foreach (var (messages, parameter) in cases)
            await AssertRefusedAsync(server, "/v1/chat/completions", $$"""{"model":"tiny","messages":{{messages}}}""", parameter);
    }

    [Fact]
    public async Task Chat_WithValuesThatChangeNothing_TakesThem()
    {
        await using var server = await TestServer.StartAsync();
        await server.PostForJsonAsync("/v1/chat/completions", """
            {"model":"tiny","messages":[{"role":"user","content":""}],"n":1,"tools":[],"functions":null,"tool_choice":"auto",
            "parallel_tool_calls":true,"modalities":["text"],"response_format":{"type":"text"},"grammar":null,"guided_json":null,
            "stop":[],"logit_bias":{},"logprobs":false,"top_logprobs":0,"mirostat":0,"verbosity":"medium","user":"u","metadata":{},
            "store":true,"service_tier":"auto","stream":false,"stream_options":null,"audio":null}
            """);
    }

    [Fact]
    public async Task Completion_WithAFieldOutOfBounds_NamesTheField()
    {
        await using var server = await TestServer.StartAsync();
        (string Fields, string Parameter)[] cases =
        [
            ("\"prompt\":null", "prompt"), ("\"prompt\":[]", "prompt"), ("\"prompt\":{}", "prompt"), ("\"prompt\":[[]]", "prompt"),
            ("\"prompt\":[1,\"a\"]", "prompt"), ("\"prompt\":[\"a\",1]", "prompt"), ("\"prompt\":[-1]", "prompt"), ("\"prompt\":[1.5]", "prompt"),
            ("\"prompt\":[true]", "prompt"), ("\"prompt\":[\"a\",\"b\",\"c\"],\"n\":128", "prompt"),
            ("\"prompt\":\"a\",\"best_of\":1,\"n\":2", "best_of"), ("\"prompt\":\"a\",\"best_of\":21", "best_of"),
            ("\"prompt\":\"a\",\"best_of\":2,\"stream\":true", "best_of"), ("\"prompt\":\"a\",\"logprobs\":21", "logprobs"),
            ("\"prompt\":\"a\",\"logprobs\":true", "logprobs"), ("\"prompt\":\"a\",\"max_tokens\":-1", "max_tokens"),
            ("\"prompt\":\"a\",\"echo\":1", "echo"), ("\"prompt\":\"a\",\"suffix\":\"b\"", "suffix"),
        ];

        foreach (var (fields, parameter) in cases)
            await AssertRefusedAsync(server, "/v1/completions", $$"""{"model":"tiny",{{fields}}}""", parameter);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("{\"model\":\"tiny\"")]
    [InlineData("{'model':1}")]
    public async Task Chat_WithABodyThatIsNoObject_IsRefused(string body)
    {
        await using var server = await TestServer.StartAsync();
        await AssertRefusedAsync(server, "/v1/chat/completions", body, parameter: null);
    }

    [Theory]
    [InlineData("{\"messages\":[]}", "model", 400)]
    [InlineData("{\"model\":\"\"}", "model", 400)]
    [InlineData("{\"model\":5}", "model", 400)]
    [InlineData("{\"model\":\"none\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", "model", 404)]
    public async Task Chat_WithoutAModel_NamesTheField(string body, string parameter, int status)
    {
        await using var server = await TestServer.StartAsync();
        var error = (await server.PostForJsonAsync("/v1/chat/completions", body, (HttpStatusCode)status)).GetProperty("error");
        Assert.Equal(parameter, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task Chat_OnAnEngineThatCannotServeTheModel_SaysWhichCan()
    {
        await using var server = await TestServer.StartAsync();
        var error = (await server.PostForJsonAsync(
            "/engines/onnx/v1/chat/completions",
            """{"model":"tiny","messages":[{"role":"user","content":"x"}]}""",
            HttpStatusCode.BadRequest)).GetProperty("error");
        Assert.Contains("'llama.cpp' can", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("model", error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task Chat_WithATooLargeBody_Is413()
    {
        await using var server = await TestServer.StartAsync(maxBodySizeInBytes: 1000);
        var error = await server.PostForJsonAsync(
            "/v1/chat/completions", new string(' ', 2000), HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal("request_too_large", error.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Chat_WithAModelThatDoesNotLoad_TellsWhyAndNotToRetry()
    {
        await using var server = await TestServer.StartAsync();
        server.Script.LoadFailure = new ModelLoadException("The header is cut off.");

        using var response = await server.PostAsync(
            "/v1/chat/completions", """{"model":"tiny","messages":[{"role":"user","content":"x"}]}""");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("false", response.Headers.GetValues("x-should-retry").Single());
        Assert.Contains(
            "The header is cut off.",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    private static async Task AssertRefusedAsync(TestServer server, string path, string body, string? parameter)
    {
        using var response = await server.PostAsync(path, body);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{body}\n{(int)response.StatusCode}: {text}");
        var error = System.Text.Json.JsonSerializer.Deserialize(text, Wire.OpenAi.OpenAiJson.Relaxed.ErrorBody)!.Error;
        Assert.True(parameter == error.Param, $"{body}\n{text}");
        Assert.Equal("invalid_request_error", error.Type);
    }
}
