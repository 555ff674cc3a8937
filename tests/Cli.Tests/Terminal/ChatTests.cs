using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Tests.Terminal;

/// <summary>A conversation, seen from a server that answers each question with its number.</summary>
public sealed class ChatTests : IAsyncLifetime
{
    private readonly List<JsonElement> _requests = [];
    private readonly StringWriter _screen = new();
    private WebApplication? _app;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Chat_OfSeveralQuestions_TellsTheModelAllOfIt()
    {
        await TalkAsync("be short", "one", "", "two", "/bye", "never asked");

        Assert.Equal(2, _requests.Count);
        Assert.Equal(["system be short", "user one"], Messages(0));
        Assert.Equal(["system be short", "user one", "assistant answer 1", "user two"], Messages(1));
        Assert.Contains("thought answer 1\n", _screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_ThatIsCleared_BeginsAnew()
    {
        await TalkAsync(null, "one", "/clear", "two");

        Assert.Equal(["user two"], Messages(1));
    }

    [Fact]
    public async Task Chat_WithSettings_SendsThem()
    {
        await TalkAsync(null, "/set temperature 0.5", "/set max_tokens 7", "/set logprobs true", "/set user me", "one");

        var request = _requests[0];
        Assert.Equal((0.5, 7, true, "me"), (
            request.GetProperty("temperature").GetDouble(), request.GetProperty("max_tokens").GetInt32(),
            request.GetProperty("logprobs").GetBoolean(), request.GetProperty("user").GetString()));
    }

    [Fact]
    public async Task Chat_WithQuotes_TakesSeveralLines()
    {
        await TalkAsync(null, "\"\"\"one", "two", "three\"\"\"", "/nonsense", "/?");

        Assert.Equal(["user one\ntwo\nthree"], Messages(0));
        Assert.Single(_requests);
        Assert.Contains("There is no such command", _screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("/clear", _screen.ToString(), StringComparison.Ordinal);
    }

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        await _screen.DisposeAsync();
    }

    private async Task TalkAsync(string? system, params string[] lines)
    {
        using var client = new RunnerClient(name => name == "MODEL_RUNNER_HOST" ? _app!.Urls.First() : null);
        using var input = new StringReader(string.Join('\n', lines));
        await new Chat(client, "ai/x", new JsonObject(), _screen, system).TalkAsync(input, Token);
    }

    private IEnumerable<string> Messages(int request) => _requests[request].GetProperty("messages").EnumerateArray()
        .Select(message => $"{message.GetProperty("role").GetString()} {message.GetProperty("content").GetString()}");

    private async Task AnswerAsync(HttpContext context)
    {
        _requests.Add((await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted)).RootElement);
        context.Response.ContentType = "text/event-stream";
        foreach (var delta in new[] { """{"reasoning_content":"thought "}""", """{"content":"answer "}""", $$"""{"content":"{{_requests.Count}}"}""" })
            await context.Response.WriteAsync($$"""data: {"choices":[{"index":0,"delta":{{delta}} }]}""" + "\n\n");
        await context.Response.WriteAsync(": a comment\n\ndata: [DONE]\n\n");
    }
}
