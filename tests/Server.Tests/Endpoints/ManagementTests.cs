using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class ManagementTests
{
    private const string Chat = """{"model":"tiny","messages":[{"role":"user","content":"Hi"}]}""";

    [Fact]
    public async Task Residents_AfterARequest_AreShownAndUnloaded()
    {
        await using var server = await TestServer.StartAsync();
        await server.PostForJsonAsync("/v1/chat/completions", Chat.Replace("\"tiny\"", "\"tiny\",\"keep_alive\":\"90s\"", StringComparison.Ordinal));

        // The lease goes back when the response has ended: perhaps just after the client has it.
        JsonElement resident;
        do resident = (await server.GetForJsonAsync("/engines/ps"))[0];
        while (resident.GetProperty("in_use").GetBoolean());

        Assert.Equal(
            ("llama.cpp", "ai/tiny", "completion", "1m30s", false),
            (resident.GetProperty("backend_name").GetString(), resident.GetProperty("model_name").GetString(),
                resident.GetProperty("mode").GetString(), resident.GetProperty("keep_alive").GetString(),
                resident.GetProperty("loading").GetBoolean()));
        Assert.Equal(0, await UnloadAsync(server, "{}"));
        Assert.Equal(0, await UnloadAsync(server, """{"models":["other"]}"""));
        Assert.Equal(1, await UnloadAsync(server, """{"backend":"","models":["ai/tiny"]}"""));
        Assert.Equal(0, (await server.GetForJsonAsync("/engines/ps")).GetArrayLength());
    }

    [Fact]
    public async Task Status_OfTheEngines_IsALineForEach()
    {
        await using var server = await TestServer.StartAsync();

        var status = await server.GetForJsonAsync("/engines/status");

        Assert.Equal("Running: llama.cpp 1 on CPU", status.GetProperty("llama.cpp").GetString());
        Assert.Equal(2, status.EnumerateObject().Count());
        Assert.True((await server.GetForJsonAsync("/engines/df")).GetProperty("default_backend_disk_usage").GetInt64() > 1000);
        Assert.False(string.IsNullOrEmpty((await server.GetForJsonAsync("/version")).GetProperty("version").GetString()));
    }

    [Fact]
    public async Task Ready_OverAModelThatMakesNoProgress_IsNot()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal("ready", (await server.GetForJsonAsync("/ready")).GetProperty("status").GetString());
        await server.PostForJsonAsync("/v1/chat/completions", Chat);

        server.Script.IsHealthy = false;

        var error = (await server.GetForJsonAsync("/ready", HttpStatusCode.ServiceUnavailable)).GetProperty("error");
        Assert.Equal("not_ready", error.GetProperty("code").GetString());
        Assert.Contains("ai/tiny", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("ok", (await server.GetForJsonAsync("/health")).GetProperty("status").GetString());
    }

    // What probes of uptime, curl -I and wget --spider ask with.
    [Theory]
    [InlineData("/")]
    [InlineData("/health")]
    [InlineData("/ready")]
    [InlineData("/version")]
    public async Task Head_OfAStatus_IsThatOfGet(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var healthy = await server.SendAsync(HttpMethod.Head, path);
        Assert.Equal(HttpStatusCode.OK, healthy.StatusCode);
        Assert.Empty(await healthy.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

        await server.PostForJsonAsync("/v1/chat/completions", Chat);
        server.Script.IsHealthy = false;

        using var unhealthy = await server.SendAsync(HttpMethod.Head, path);
        Assert.Equal(path == "/ready" ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK, unhealthy.StatusCode);
    }

    [Fact]
    public async Task Request_LargerThanTheBytesOfAll_IsNotToldToComeBack()
    {
        await using var server = await TestServer.StartAsync(options => options with { MaxRequestBytes = 32 });

        await server.PostForJsonAsync("/v1/chat/completions", Chat, HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Requests_ThatHaveEnded_GiveTheirBudgetBack()
    {
        await using var server = await TestServer.StartAsync(options => options with { MaxRequests = 2, MaxRequestBytes = 2 * Chat.Length });
        for (var i = 0; i < 20; i++) await server.PostForJsonAsync("/v1/chat/completions", Chat);
    }

    [Fact]
    public async Task UnknownFields_OfARequest_AreCountedByName()
    {
        var counted = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "modelrunner.unknown_fields") listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            lock (counted) counted.Add($"{tags[0].Value}={count}");
        });
        listener.Start();
        await using var server = await TestServer.StartAsync();

        await server.PostForJsonAsync("/v1/chat/completions", Chat.Replace("\"tiny\"", "\"tiny\",\"my_own_flag\":1,\"prompt\":null", StringComparison.Ordinal));

        Assert.Contains("my_own_flag=1", counted);
        Assert.Contains("prompt=1", counted);
    }

    [Fact]
    public async Task Stop_WithAStreamThatDoesNotEnd_TellsItBeforeTheCut()
    {
        await using var server = await TestServer.StartAsync(options => options with { ShutdownTime = TimeSpan.FromMilliseconds(200) });
        server.Script.Hangs = true;
        server.Script.EndsWhenDisposed = new GenerationException(GenerationException.ModelUnloaded, "The model was unloaded.");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(Chat.Replace("\"tiny\"", "\"tiny\",\"stream\":true", StringComparison.Ordinal)),
        };
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        await server.StopAsync();

        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Hel", text, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"model_unloaded\"", text, StringComparison.Ordinal);
    }

    private static async Task<int> UnloadAsync(TestServer server, string body) =>
        (await server.PostForJsonAsync("/engines/unload", body)).GetProperty("unloaded_runners").GetInt32();
}
