using System.Net;
using System.Text;
using System.Text.Json;
using ModelRunner.Server.Recording;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class RecordedRequestsTests
{
    private const string Key = "secret";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_OfAServerThatWasNotAsked_AreForbidden()
    {
        await using var server = await TestServer.StartAsync();
        await server.PostForJsonAsync("/v1/chat/completions", Chat("tiny"));

        var error = (await server.GetForJsonAsync("/engines/requests", HttpStatusCode.Forbidden)).GetProperty("error");
        Assert.Contains("--record-requests", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_AreToldWithTheirAnswers()
    {
        await using var server = await StartAsync();
        await server.PostForJsonAsync("/v1/chat/completions", Chat("tiny"));
        using (var stream = await server.PostAsync("/engines/v1/chat/completions", Chat("ai/tiny", ",\"stream\":true")))
            Assert.EndsWith("[DONE]\n\n", await stream.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        await server.PostForJsonAsync("/v1/completions", """{"model":"tiny","prompt":"x","temperature":9}""", HttpStatusCode.BadRequest);

        var records = await UntilAsync(server, "/engines/requests?model=ai/tiny", 3);
        Assert.Equal(Chat("tiny"), records[0].GetProperty("request").GetString());
        Assert.Equal(200, records[0].GetProperty("status_code").GetInt32());
        Assert.Equal("chat.completion", JsonDocument.Parse(records[0].GetProperty("response").GetString()!).RootElement.GetProperty("object").GetString());
        Assert.EndsWith("[DONE]\n\n", records[1].GetProperty("response").GetString(), StringComparison.Ordinal);
        Assert.Equal("/engines/v1/chat/completions", records[1].GetProperty("url").GetString());
        Assert.Equal(400, records[2].GetProperty("status_code").GetInt32());
        Assert.Contains("temperature", records[2].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(records[2].TryGetProperty("response", out _));

        Assert.Equal(1, (await server.GetForJsonAsync("/engines/requests")).GetArrayLength());
        await server.GetForJsonAsync("/engines/requests?model=other", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Requests_WithoutTheKey_AreNotTold()
    {
        await using var server = await StartAsync();
        using var stranger = new HttpClient { BaseAddress = server.Address };
        using var response = await stranger.GetAsync(new Uri("engines/requests", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Requests_AsEvents_TellWhatWasAndWhatComes()
    {
        await using var server = await StartAsync();
        await server.PostForJsonAsync("/v1/chat/completions", Chat("tiny"));
        await UntilAsync(server, "/engines/requests", 1);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("engines/requests?include_existing=true", UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        Assert.Equal("event: connected", await reader.ReadLineAsync(Token));
        Assert.Equal("event: existing_request", await NextEventAsync(reader));

        // Until the stream listens, a request may pass it by.
        var next = NextEventAsync(reader);
        while (!next.IsCompleted) await server.PostForJsonAsync("/v1/chat/completions", Chat("graph"));
        Assert.Equal("event: new_request", await next);
        Assert.Contains("\"model\":\"graph\"", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public void Journal_KeepsTheLastOfEachModelAndFewModels()
    {
        var journal = new RequestJournal();
        for (var i = 0; i < 1_000; i++)
        {
            journal.Add(Record("often", i));
            journal.Add(Record($"model-{i}", i));
        }

        Assert.Equal(32, journal.Get(null).Length);
        var often = Assert.Single(journal.Get("often"));
        Assert.Equal(Enumerable.Range(990, 10).Select(i => (long)i), often.Records.Select(record => record.Timestamp));
    }

    [Fact]
    public async Task Body_LongerThanTheBound_IsPassedOnWholeAndKeptInPart()
    {
        var bytes = new byte[RecordedBody.MaxLength + 10];
        Array.Fill(bytes, (byte)'x');
        using var target = new MemoryStream();
        var body = new RecordedBody(target);
        await body.WriteAsync(bytes, Token);
        Assert.Equal(bytes.Length, target.Length);
        Assert.EndsWith("x...[10 more bytes]", body.ToString(), StringComparison.Ordinal);
    }

    private static Wire.Dmr.RecordedRequest Record(string model, long time) => new("id", model, "POST", "/", "", "", null, time, 200, null);

    private static string Chat(string model, string more = "") => $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}]{{more}}}""";

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync(options => options with { RecordsRequests = true, ApiKey = Key });
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        return server;
    }

    /// <summary>A record is written just after the last byte of its answer.</summary>
    private static async Task<JsonElement[]> UntilAsync(TestServer server, string path, int count)
    {
        while (true)
        {
            using var response = await server.Client.GetAsync(new Uri(path, UriKind.Relative), Token);
            if (response.StatusCode != HttpStatusCode.OK) continue;
            using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
            var records = document.RootElement.EnumerateArray().SelectMany(model => model.GetProperty("records").EnumerateArray()).ToArray();
            if (records.Length >= count) return [.. records.Select(record => record.Clone())];
        }
    }

    private static async Task<string?> NextEventAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(Token) is { } line)
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                return line;

        return null;
    }
}
