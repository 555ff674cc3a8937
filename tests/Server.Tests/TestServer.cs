using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Server.Composition;
using ModelRunner.Server.Models;
using ModelRunner.Server.Options;
using ModelRunner.Server.Tests.Scripted;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests;

/// <summary>The real server on a free port, with scripted engines below the seam and a folder of three models.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private TestServer(WebApplication app, string folder, Script script)
    {
        _app = app;
        _folder = folder;
        Script = script;
    }

    public Script Script { get; }

    public HttpClient Client { get; } = new();

    public IServiceProvider Services => _app.Services;

    /// <summary>The server as the host stops it.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public Uri Address { get; private set; } = new("http://localhost");

    public static async Task<TestServer> StartAsync(
        Func<ServerOptions, ServerOptions>? configure = null,
        TimeProvider? time = null,
        CapturedLogs? logs = null)
    {
        var folder = Directory.CreateTempSubdirectory("modelrunner-server").FullName;
        Write(Path.Combine(folder, "ai", "tiny", "tiny.gguf"));
        Write(Path.Combine(folder, "ai", "graph", "genai_config.json"));
        Write(Path.Combine(folder, "hf.co", "owner", "repo", "model.gguf"));
        var script = new Script();
        var options = new ServerOptions
        {
            Bind = IPAddress.Loopback,
            Port = 0,
            ModelFolders = [folder],
            CacheFolder = Path.Combine(folder, "cache"),
            StoreFolder = Path.Combine(folder, "cache", "store"),
            MaxBodySizeInBytes = 1 << 20,
        };
        var app = ServerApplication.Build(configure?.Invoke(options) ?? options, services =>
        {
            if (time is not null) services.AddSingleton(time);
            services.AddLogging(logging =>
            {
                logging.ClearProviders();

                // What the server keeps for its own clients.
                logging.Services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<LogBuffer>());
                if (logs is not null) logging.AddProvider(logs).AddFilter<CapturedLogs>(null, LogLevel.Trace);
            });
            services.AddSingleton<IInferenceEngine>(new ScriptedEngine("llama.cpp", ModelFormat.Gguf, script));
            services.AddSingleton<IInferenceEngine>(new ScriptedEngine("onnx", ModelFormat.OnnxGenAi, script));
        });
        var server = new TestServer(app, folder, script);
        await app.StartAsync(TestContext.Current.CancellationToken);
        server.Address = new Uri(app.Urls.First(url => url.StartsWith("http://127", StringComparison.Ordinal)));
        server.Client.BaseAddress = server.Address;
        return server;
    }

    public Task<HttpResponseMessage> PostAsync(string path, string json) => Client.PostAsync(
        new Uri(path, UriKind.Relative),
        new StringContent(json, Encoding.UTF8, "application/json"),
        TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a request with or without a body, and gives what came.</summary>
    public async Task<(HttpStatusCode Status, string Text)> SendForTextAsync(HttpMethod method, string path, string? body, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, type),
        };
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The JSON lines of a transfer.</summary>
    public async Task<List<JsonElement>> PostForLinesAsync(string path, string? body)
    {
        var (status, text) = await SendForTextAsync(HttpMethod.Post, path, body);
        Assert.True(status == HttpStatusCode.OK, text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    public async Task<JsonElement> GetForJsonAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await SendAsync(HttpMethod.Get, path);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Single(response.Headers.GetValues("x-request-id"));
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    public async Task<JsonElement> PostForJsonAsync(string path, string json, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await PostAsync(path, json);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>The events of a stream, without their <c>data: </c>.</summary>
    public async Task<List<string>> PostForEventsAsync(string path, string json)
    {
        using var response = await PostAsync(path, json);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        var events = text[..^2].Split("\n\n");
        Assert.All(events, line => Assert.StartsWith("data: ", line, StringComparison.Ordinal));
        return [.. events.Select(line => line["data: ".Length..])];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
    }
}
