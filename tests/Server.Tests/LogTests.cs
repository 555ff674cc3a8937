using System.Net;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests;

public sealed class LogTests
{
    private const string Asked = "canary-of-the-prompt";
    private const string Answered = "canary-of-the-answer";

    [Fact]
    public async Task Logs_AtEveryLevel_HaveTheRequestAndNoneOfItsText()
    {
        var logs = new CapturedLogs();
        await using var server = await TestServer.StartAsync(logs: logs);
        server.Script.Pieces = [System.Text.Encoding.UTF8.GetBytes(Answered)];

        await server.PostForJsonAsync("/v1/completions", $$"""{"model":"tiny","prompt":"{{Asked}}"}""");
        await server.PostForEventsAsync("/v1/chat/completions", Chat(",\"stream\":true"));
        await server.PostForJsonAsync("/v1/embeddings", $$"""{"model":"tiny","input":"{{Asked}}"}""");
        await server.PostForJsonAsync("/v1/chat/completions", Chat($",\"stop\":{{\"{Asked}\":1}}"), HttpStatusCode.BadRequest);
        await server.PostForJsonAsync("/v1/chat/completions", Chat("") + "{", HttpStatusCode.BadRequest);
        server.Script.Failure = new GenerationException(GenerationException.DecodeFailed, "A step failed.");
        await server.PostForJsonAsync("/v1/chat/completions", Chat(""), HttpStatusCode.InternalServerError);
        await server.StopAsync();

        Assert.Contains(logs.Lines, line => line.Contains("POST /v1/completions answered 200", StringComparison.Ordinal));
        Assert.Contains(logs.Lines, line => line.Contains("A step failed.", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, line =>
            line.Contains(Asked, StringComparison.Ordinal) || line.Contains(Answered, StringComparison.Ordinal));
    }

    private static string Chat(string more) =>
        $$"""{"model":"tiny","messages":[{"role":"user","content":"{{Asked}}"}]{{more}}}""";
}
