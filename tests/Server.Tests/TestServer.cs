using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Server.Composition;
using ModelRunner.Server.Options;
using ModelRunner.Server.Tests.Scripted;

namespace ModelRunner.Server.Tests;

/// <summary>The real server on a free port, with scripted engines below the seam and a folder of two models.</summary>
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

    public Uri Address { get; private set; } = new("http://localhost");

    public static async Task<TestServer> StartAsync(int maxBodySizeInBytes = 1 << 20)
    {
        var folder = Directory.CreateTempSubdirectory("modelrunner-server").FullName;
        Write(Path.Combine(folder, "ai", "tiny", "tiny.gguf"));
        Write(Path.Combine(folder, "ai", "graph", "genai_config.json"));
        var script = new Script();
        var options = new ServerOptions
        {
            Bind = IPAddress.Loopback,
            Port = 0,
            ModelFolders = [folder],
            CacheFolder = Path.Combine(folder, "cache"),
            MaxBodySizeInBytes = maxBodySizeInBytes,
        };
        var app = ServerApplication.Build(options, services =>
        {
            services.AddLogging(logging => logging.ClearProviders());
            services.AddSingleton<IInferenceEngine>(new ScriptedEngine("llama.cpp", ModelFormat.Gguf, script));
            services.AddSingleton<IInferenceEngine>(new ScriptedEngine("onnx", ModelFormat.OnnxGenAi, script));
        });
        var server = new TestServer(app, folder, script);
        await app.StartAsync(TestContext.Current.CancellationToken);
        server.Address = new Uri(app.Urls.Single());
        server.Client.BaseAddress = server.Address;
        return server;
    }

    public Task<HttpResponseMessage> PostAsync(string path, string json) => Client.PostAsync(
        new Uri(path, UriKind.Relative),
        new StringContent(json, Encoding.UTF8, "application/json"),
        TestContext.Current.CancellationToken);

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
