using System.Net;
using System.Text;
using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests;

/// <summary>The server process asked to end while it works.</summary>
public sealed class ShutdownTests(ITestOutputHelper output)
{
    private const int Clients = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>An answer that has begun is whole. One that has not may be refused, and is never a piece.</summary>
    [Fact]
    public async Task Sigterm_UnderLoad_BreaksNoAnswerThatCanEnd()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no signals");
        var (whole, refused) = (0, 0);
        for (var run = 0; run < Campaign.Count(2, 50); run++)
        {
            await using var server = await ServerProcess.StartAsync("--model", $"ai/tiny={FixtureModels.Tiny}", "--threads", "1", "--parallel", "4");

            // The model is loaded, and so many answers have begun: a new point in each run.
            await CountWholeAsync(server.Client, 0, isStreaming: false);
            using var begun = new CountdownEvent(1 + (run % Clients));
            var answers = Enumerable.Range(0, Clients).Select(client => WorkAsync(server, client, begun)).ToList();
            await Task.Run(() => begun.Wait(Token), Token);
            await Command.RunAsync(AppContext.BaseDirectory, [], null, "kill", "-TERM", $"{server.Id}");

            foreach (var (ended, turnedAway) in await Task.WhenAll(answers))
            {
                whole += ended;
                refused += turnedAway;
            }

            Assert.Equal(0, await server.WaitForExitAsync(Token));
        }

        output.WriteLine($"{whole} answers whole, {refused} not begun");
        Assert.True(whole >= Clients);
    }

    /// <summary>Asks until it is turned away.</summary>
    private static async Task<(int Whole, int Refused)> WorkAsync(ServerProcess server, int client, CountdownEvent begun)
    {
        var whole = 0;
        using var http = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(5) };
        while (await CountWholeAsync(http, client, client % 2 == 0, begun)) whole++;
        return (whole, 1);
    }

    private static async Task<bool> CountWholeAsync(HttpClient http, int client, bool isStreaming, CountdownEvent? begun = null)
    {
        HttpResponseMessage response;
        try
        {
            var body = $$"""{"model":"ai/tiny","prompt":"{{new string((char)('a' + client), 100)}}","max_tokens":200,"ignore_eos":true,"stream":{{(isStreaming ? "true" : "false")}}}""";
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("v1/completions", UriKind.Relative))
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        }
        catch (HttpRequestException)
        {
            return false;
        }

        using (response)
        {
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return false;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            if (begun is not null) TrySignal(begun);

            // Throws where the body is cut.
            var text = await response.Content.ReadAsStringAsync(Token);
            if (isStreaming) Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
            else Assert.Contains("\"completion_tokens\":200", text, StringComparison.Ordinal);
            return true;
        }
    }

    private static void TrySignal(CountdownEvent begun)
    {
        lock (begun)
            if (!begun.IsSet)
                begun.Signal();
    }
}
