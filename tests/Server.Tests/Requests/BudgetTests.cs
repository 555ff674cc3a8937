using System.Net;
using System.Text;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Requests;

/// <summary>Refusals of a server that holds all the requests that it may hold.</summary>
public sealed class BudgetTests
{
    private const string Path = "/v1/chat/completions";
    private const string Chat = """{"model":"tiny","messages":[{"role":"user","content":"Hi"}]}""";
    private const string Key = "the-key-0123";

    [Theory]
    [InlineData(1, 1 << 20, "The server works at 1 requests already.")]
    [InlineData(10, 100, "Requests of 100 bytes are in memory already.")]
    public async Task Requests_BeyondTheBudget_AreToldToComeBack(int maxRequests, int maxBytes, string message)
    {
        await using var server = await TestServer.StartAsync(options => options with { MaxRequests = maxRequests, MaxRequestBytes = maxBytes });
        using (await OpenStreamAsync(server))
        {
            for (var i = 0; i < 3; i++)
            {
                using var response = await server.PostAsync(Path, Chat);
                Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
                Assert.Equal(
                    $$$"""{"error":{"message":"{{{message}}}","type":"rate_limit_error","param":null,"code":"server_busy"}}""",
                    await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
                Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
                Assert.Equal("1", response.Headers.GetValues("retry-after").Single());
                Assert.Equal("1000", response.Headers.GetValues("retry-after-ms").Single());
                Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
                Assert.False(response.Headers.Contains("x-should-retry"));
            }

            // What asks for no computation is answered all the same.
            await server.GetForJsonAsync("/v1/models");
        }

        // The place comes back when the server has seen that its reader is gone.
        server.Script.Hangs = false;
        await server.Script.Cancelled.Task.WaitAsync(TestContext.Current.CancellationToken);
        HttpStatusCode status;
        do status = (await server.SendForTextAsync(HttpMethod.Post, Path, Chat)).Status;
        while (status == HttpStatusCode.TooManyRequests);
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Requests_WithoutTheKey_AreToldThatFirstAndTakeNoPlace()
    {
        await using var server = await TestServer.StartAsync(options => options with { MaxRequests = 0, ApiKey = Key });

        using var refused = await server.SendAsync(HttpMethod.Post, Path);
        using var busy = await server.SendAsync(HttpMethod.Post, Path, ("x-api-key", Key));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, busy.StatusCode);
    }

    [Fact]
    public async Task Refusals_InTheLog_AreOneLineForASecond()
    {
        const int Count = 5;
        var clock = new ManualClock();
        var logs = new CapturedLogs();
        await using var server = await TestServer.StartAsync(options => options with { MaxRequests = 0 }, clock, logs);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < Count; i++) await server.SendForTextAsync(HttpMethod.Post, Path, Chat);

            // A client may have its answer before the line is there.
            while (Lines(logs, "answered 429") < (round + 1) * Count) await Task.Yield();
            Assert.Equal(round, Lines(logs, "were refused"));
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(round + 1, Lines(logs, $"Warning 215 {Count} requests were refused"));
        }

        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, Lines(logs, "were refused"));
        Assert.All(
            logs.Lines.Where(line => line.Contains("answered 429", StringComparison.Ordinal)),
            line => Assert.StartsWith("Debug 206 ", line, StringComparison.Ordinal));
    }

    private static int Lines(CapturedLogs logs, string text) => logs.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>A stream that has begun and does not end.</summary>
    private static Task<HttpResponseMessage> OpenStreamAsync(TestServer server)
    {
        server.Script.Hangs = true;
        return server.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, Path)
            {
                Content = new StringContent(Chat.Replace("\"tiny\"", "\"tiny\",\"stream\":true", StringComparison.Ordinal), Encoding.UTF8),
            },
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken);
    }
}
