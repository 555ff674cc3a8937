using System.Net;
using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class MetricsTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    [Fact]
    public async Task Metrics_AfterRequests_CountThem()
    {
        await using var server = await TestServer.StartAsync();
        server.Script.Activity = new ModelActivity(3, 2);
        await server.PostForJsonAsync("/v1/chat/completions", $$"""{"model":"tiny",{{Messages}},"my_flag":1}""");
        await server.PostForEventsAsync("/engines/llama.cpp/v1/chat/completions", $$"""{"model":"tiny",{{Messages}},"stream":true}""");
        await server.PostForJsonAsync("/v1/completions", """{"model":"tiny","prompt":["a","b"],"my_flag":1}""");
        await server.PostForEventsAsync("/v1/completions", """{"model":"tiny","prompt":"a","stream":true}""");
        await server.PostForJsonAsync("/v1/embeddings", """{"model":"tiny","input":["a","b"]}""");
        await server.PostForJsonAsync("/v1/chat/completions", "{", HttpStatusCode.BadRequest);
        await server.GetForJsonAsync("/nowhere", HttpStatusCode.NotFound);

        await AssertLinesAsync(
            server,
            "modelrunner_requests_total{route=\"/v1/chat/completions\",status=\"200\"} 1",
            "modelrunner_requests_total{route=\"/v1/chat/completions\",status=\"400\"} 1",
            "modelrunner_requests_total{route=\"/engines/{engine}/v1/chat/completions\",status=\"200\"} 1",
            "modelrunner_requests_total{route=\"other\",status=\"404\"} 1",
            "modelrunner_refused_requests_total 0",
            "modelrunner_blocked_writes 0",
            "modelrunner_unknown_fields_total{field=\"my_flag\"} 2",
            "modelrunner_prompt_tokens_total{model=\"ai/tiny\"} 31",
            "modelrunner_completion_tokens_total{model=\"ai/tiny\"} 10",
            "modelrunner_loaded_models 1",
            "modelrunner_waiting_requests{backend=\"llama.cpp\",model=\"ai/tiny\"} 3",
            "modelrunner_active_sequences{backend=\"llama.cpp\",model=\"ai/tiny\"} 2",
            "# TYPE modelrunner_active_sequences gauge",
            "# TYPE modelrunner_requests_total counter");
    }

    [Fact]
    public async Task Metrics_OfAFullServer_CountItsRefusals()
    {
        await using var server = await TestServer.StartAsync(options => options with { MaxRequests = 0 });
        for (var i = 0; i < 3; i++)
            await server.PostForJsonAsync("/v1/chat/completions", "{}", HttpStatusCode.TooManyRequests);

        await AssertLinesAsync(
            server, "modelrunner_refused_requests_total 3", "modelrunner_requests_total{route=\"/v1/chat/completions\",status=\"429\"} 3");
    }

    [Fact]
    public async Task Metrics_WithNamesFromClients_AreEscapedAndBounded()
    {
        await using var server = await TestServer.StartAsync();
        for (var round = 0; round < 2; round++)
        {
            var fields = string.Join(',', Enumerable.Range(0, 100).Select(index => $"\"f_{round}_{index}\":1"));
            await server.PostForJsonAsync("/v1/chat/completions", $$"""{"model":"tiny",{{Messages}},"a\"b\\c\nd":1,{{fields}}}""");
        }

        await AssertLinesAsync(
            server,
            """modelrunner_unknown_fields_total{field="a\"b\\c\nd"} 2""",
            "modelrunner_unknown_fields_total{field=\"f_0_98\"} 1",
            "modelrunner_unknown_fields_total{field=\"other\"} 101");
    }

    /// <summary>Waits for the lines: a client may have its answer before it is counted.</summary>
    private static async Task AssertLinesAsync(TestServer server, params string[] expected)
    {
        string[] missing;
        var text = "";
        var tries = 0;
        do
        {
            using var response = await server.SendAsync(HttpMethod.Get, "/metrics");
            Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
            text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var lines = text.Split('\n').ToHashSet(StringComparer.Ordinal);
            missing = [.. expected.Where(line => !lines.Contains(line))];
        }
        while (missing.Length > 0 && tries++ < 100);

        Assert.True(missing.Length == 0, $"{string.Join('\n', missing)}\nnot in\n{text}");
    }
}
