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
            using (var first = new Load(1))
                Assert.True(await IsWholeAsync(server.Client, first, 0, isStreaming: false));
            using var load = new Load(1 + (run % Clients));
            var answers = Enumerable.Range(0, Clients).Select(client => WorkAsync(server, load, client)).ToList();
            await Task.Run(() => load.Begun.Wait(Token), Token);

            // Before the signal: what is sent from here on may be too late for it.
            load.IsEnding = true;
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
    private static async Task<(int Whole, int Refused)> WorkAsync(ServerProcess server, Load load, int client)
    {
        var whole = 0;
        using var http = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(5) };
        while (await IsWholeAsync(http, load, client, client % 2 == 0)) whole++;
        return (whole, 1);
    }

    /// <summary>
    /// Whether a request was answered; false if it was turned away. An answer without streaming has its headers at its end,
    /// so an exception can hide one that had begun: only a connection that was never made is a refusal, unless the request
    /// was sent when the server may have been ending already.
    /// </summary>
    private static async Task<bool> IsWholeAsync(HttpClient http, Load load, int client, bool isStreaming)
    {
        var body = $$"""{"model":"ai/tiny","prompt":"{{new string((char)('a' + client), 100)}}","max_tokens":200,"ignore_eos":true,"stream":{{(isStreaming ? "true" : "false")}}}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("v1/completions", UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        var isLate = load.IsEnding;
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        }
        catch (HttpRequestException exception) when (isLate || exception.HttpRequestError == HttpRequestError.ConnectionError)
        {
            return false;
        }

        using (response)
        {
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return false;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            load.CountBegun();

            // Throws where the body is cut.
            var text = await response.Content.ReadAsStringAsync(Token);
            if (isStreaming) Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
            else Assert.Contains("\"completion_tokens\":200", text, StringComparison.Ordinal);
            return true;
        }
    }

    /// <summary>One run: how many answers have begun, and whether the signal may be on its way.</summary>
    private sealed class Load(int awaited) : IDisposable
    {
        private volatile bool _isEnding;

        public CountdownEvent Begun { get; } = new(awaited);

        public bool IsEnding
        {
            get => _isEnding;
            set => _isEnding = value;
        }

        public void CountBegun()
        {
            lock (Begun)
                if (!Begun.IsSet)
                    Begun.Signal();
        }

        public void Dispose() => Begun.Dispose();
    }
}
