using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>Completions that decode beside a request: from the first token of the last of them until they are disposed.</summary>
internal sealed class RunningStreams : IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly List<(StringBuilder Text, Task Reading)> _streams = [];
    private readonly RealServer _server;

    private RunningStreams(RealServer server) => _server = server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts one greedy stream for each prompt, which goes on for so many tokens, and waits until all have begun.</summary>
    public static async Task<RunningStreams> StartAsync(RealServer server, string path, string model, int maxTokens, params IEnumerable<string> prompts)
    {
        var running = new RunningStreams(server);
        var begun = new List<Task>();
        foreach (var prompt in prompts)
        {
            var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var text = new StringBuilder();
            var body = new { model, prompt, max_tokens = maxTokens, temperature = 0, ignore_eos = true, stream = true };
            running._streams.Add((text, running.ReadAsync(path, body, text, first)));
            begun.Add(first.Task);
        }

        await Task.WhenAll(begun).WaitAsync(Token);
        await running.AssertRunAsync();
        return running;
    }

    /// <summary>What the streams said so far.</summary>
    public IReadOnlyList<string> Texts => [.. _streams.Select(stream => { lock (stream.Text) return stream.Text.ToString(); })];

    /// <summary>Checks that the server works at all of these streams still, and at nothing else.</summary>
    public async Task AssertRunAsync()
    {
        // A request gives its model back just after its last byte.
        int users;
        do
        {
            var residents = await _server.Client.GetFromJsonAsync<JsonElement>(new Uri("/engines/ps", UriKind.Relative), Token);
            users = residents.EnumerateArray().Sum(resident => resident.GetProperty("users").GetInt32());
        }
        while (users > _streams.Count);

        Assert.Equal(_streams.Count, users);
        Assert.DoesNotContain(_streams, stream => stream.Reading.IsCompleted);
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await Task.WhenAll(_streams.Select(stream => stream.Reading));
        _leaving.Dispose();
    }

    private async Task ReadAsync(string path, object body, StringBuilder text, TaskCompletionSource first)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body) };
            using var response = await _server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _leaving.Token);
            Assert.True(response.IsSuccessStatusCode);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(_leaving.Token));
            while (await reader.ReadLineAsync(_leaving.Token) is { } line)
            {
                if (!line.StartsWith("data: {", StringComparison.Ordinal)) continue;
                lock (text) text.Append(JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]).GetProperty("choices")[0].GetProperty("text").GetString());
                first.TrySetResult();
            }
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // It has run for as long as it had to.
        }
        catch (Exception exception)
        {
            first.TrySetException(exception);
            throw;
        }
    }
}
