using System.Net;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class ErrorTests
{
    [Fact]
    public async Task Chat_WithValuesThatChangeNothing_TakesThem()
    {
        await using var server = await TestServer.StartAsync();
        await server.PostForJsonAsync("/v1/chat/completions", """
            {"model":"tiny","messages":[{"role":"user","content":""}],"n":1,"tools":[],"functions":null,"tool_choice":"auto",
            "parallel_tool_calls":true,"modalities":["text"],"response_format":{"type":"text"},"grammar":null,"guided_json":null,
            "stop":[],"logit_bias":{},"logprobs":false,"top_logprobs":0,"mirostat":0,"verbosity":"medium","user":"u","metadata":{},
            "store":true,"service_tier":"auto","stream":false,"stream_options":null,"audio":null,"safety_identifier":"s",
            "prompt_cache_key":"k","prompt_cache_retention":"in_memory","prompt_cache_options":{},"moderation":null,
            "dry_multiplier":0,"dry_base":1.75,"xtc_probability":0,"xtc_threshold":0.1,"mirostat_tau":5,"samplers":[],
            "top_n_sigma":-1,"id_slot":-1,"n_keep":0,"skip_special_tokens":true,"add_generation_prompt":true,"use_beam_search":false}
            """);
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
        await using var server = await TestServer.StartAsync(options => options with { MaxBodySizeInBytes = 1000 });
        var error = await server.PostForJsonAsync(
            "/v1/chat/completions", new string(' ', 2000), HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal("request_too_large", error.GetProperty("error").GetProperty("code").GetString());
    }

    // The connection was once closed over the client, which then saw a broken pipe instead of the answer.
    [Fact]
    public async Task Chat_WithABodyFarTooLarge_TellsAClientThatIsStillSending()
    {
        await using var server = await TestServer.StartAsync(options => options with { MaxBodySizeInBytes = 1000 });
        for (var i = 0; i < 10; i++)
            await server.PostForJsonAsync("/v1/chat/completions", new string(' ', 16 << 20), HttpStatusCode.RequestEntityTooLarge);
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

    [Theory]
    [InlineData("\"max_tokens\":-1")]
    [InlineData("\"max_completion_tokens\":-1,\"n_predict\":-1")]
    public async Task Chat_WithALimitOfMinusOne_HasNone(string fields)
    {
        await using var server = await TestServer.StartAsync();

        await server.PostForJsonAsync(
            "/v1/chat/completions", $$"""{"model":"tiny","messages":[{"role":"user","content":"x"}],{{fields}}}""");

        Assert.Null(server.Script.LastChat!.Output.MaxTokens);
    }

    // A model larger than the whole budget was once to be asked for again every two seconds, for ever.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Chat_WithAModelThatDoesNotFit_SaysWhetherWaitingHelps(bool isPermanent)
    {
        await using var server = await TestServer.StartAsync();
        server.Script.LoadFailure = new Abstractions.Errors.InsufficientMemoryException("Too little.") { IsPermanent = isPermanent };

        using var response = await server.PostAsync(
            "/v1/chat/completions", """{"model":"tiny","messages":[{"role":"user","content":"x"}]}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(isPermanent, response.Headers.TryGetValues("x-should-retry", out var values) && values.Single() == "false");
        Assert.Equal(!isPermanent, response.Headers.Contains("retry-after"));
        Assert.Equal(!isPermanent, response.Headers.Contains("retry-after-ms"));
    }

    [Fact]
    public async Task Chat_RefusedForLong_IsToldToComeBackInFiveSecondsAtMost()
    {
        await using var server = await TestServer.StartAsync();
        server.Script.Refusal = new ServerBusyException("The queue is full.", TimeSpan.FromMinutes(3));

        using var response = await server.PostAsync(
            "/v1/chat/completions", """{"model":"tiny","messages":[{"role":"user","content":"x"}]}""");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("5000", response.Headers.GetValues("retry-after-ms").Single());
        Assert.Equal("5", response.Headers.GetValues("retry-after").Single());
        Assert.False(response.Headers.Contains("x-should-retry"));
    }
}
