using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Generation.Engine;
using ModelRunner.Generation.Scheduling;
using ModelRunner.ModelStore;
using ModelRunner.Runtime;
using ModelRunner.Server.Composition;
using ModelRunner.Server.Options;
using ModelRunner.Server.Requests;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>The server as it is composed for users, with the real engine on one thread, on a free port.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private static readonly TimeSpan HangLimit = TimeSpan.FromMinutes(5);

    private readonly WebApplication _app;
    private readonly string _cache;

    private RealServer(WebApplication app, string cache)
    {
        _app = app;
        _cache = cache;
    }

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(5) };

    public IServiceProvider Services => _app.Services;

    /// <summary>What the trial runs in child processes found, one text a file: <c>ok</c>, or why it is refused.</summary>
    public IReadOnlyList<string> ProbeVerdicts
    {
        get
        {
            var folder = Path.Combine(_cache, "probe");
            return Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Select(File.ReadAllText)] : [];
        }
    }

    public static Task<RealServer> StartAsync(ModelLoadOptions load, params ModelEntry[] models) => StartAsync(load, watch: null, models);

    /// <summary>With engines whose steps are watched, or as they are for users.</summary>
    public static async Task<RealServer> StartAsync(ModelLoadOptions load, ProgressWatch? watch, params ModelEntry[] models)
    {
        var cache = Directory.CreateTempSubdirectory("modelrunner-cache").FullName;
        var options = new ServerOptions
        {
            Bind = IPAddress.Loopback,
            Port = 0,
            Models = models,
            CacheFolder = cache,
            StoreFolder = Path.Combine(cache, "store"),

            // Who stops reading in a test does so to its end.
            SlowReaderTime = TimeSpan.FromHours(1),
            Runtime = new RuntimeOptions { Default = ModelSettings.Default with { Load = load with { ThreadCount = 1 } } },
        };
        var app = ServerApplication.Build(options, services =>
        {
            services.AddLogging(logging => logging.ClearProviders());
            services.AddEngines(options, loader => watch?.Watch(loader) ?? loader);
        });
        var server = new RealServer(app, cache);
        await app.StartAsync(TestContext.Current.CancellationToken);
        server.Client.BaseAddress = new Uri(app.Urls.Single());
        return server;
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, object body)
    {
        using var response = await SendAsync(path, body);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonSerializer.Deserialize<JsonElement>(text));
    }

    /// <summary>The completion's text, put together from the chunks when it is streamed.</summary>
    public async Task<string> CompleteAsync(string prefix, string model, string prompt, int maxTokens, bool stream)
    {
        using var response = await SendAsync(
            $"{prefix}/completions",
            new { model, prompt, max_tokens = maxTokens, temperature = 0, stream });
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        if (!stream)
            return TextOf(text);

        return string.Concat(text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            // On a slow machine comments come in between.
            .Where(line => line.StartsWith("data: ", StringComparison.Ordinal))
            .Select(line => line["data: ".Length..])
            .Where(line => line != "[DONE]")
            .Select(TextOf));
    }

    /// <summary>Waits until every request has given back its place, and checks that nothing of any is left in a model.</summary>
    public async Task AssertHoldsNothingAsync(string model)
    {
        var runtime = Services.GetRequiredService<ModelRuntime>();
        var budget = Services.GetRequiredService<RequestBudget>();
        Assert.True(
            SpinWait.SpinUntil(() => budget.RequestCount == 0 && runtime.GetResidents().All(resident => resident.UserCount == 0), HangLimit),
            $"{budget.RequestCount} requests have a place, and {runtime.GetResidents().Sum(resident => resident.UserCount)} a model");
        Assert.Equal(0, budget.ByteCount);
        using var lease = await runtime.AcquireAsync(null, new ModelReference(model), null, TestContext.Current.CancellationToken);
        var scheduler = ((LocalModel)lease.Model).Scheduler;
        Assert.True(SpinWait.SpinUntil(() => IsAtRest(scheduler), HangLimit));
        Assert.Empty(SchedulerInvariants.Check(scheduler.TakeSnapshot()));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
        Directory.Delete(_cache, recursive: true);
    }

    private Task<HttpResponseMessage> SendAsync(string path, object body) => Client.PostAsync(
        new Uri(path, UriKind.Relative),
        new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        TestContext.Current.CancellationToken);

    private static bool IsAtRest(Scheduler scheduler) =>
        scheduler.PendingRequestCount == 0 && scheduler.TakeSnapshot() is { Waiting.Count: 0, Active.Count: 0, Parked.Count: 0, LiveChoiceCount: 0 };

    private static string TextOf(string json) =>
        JsonSerializer.Deserialize<JsonElement>(json).GetProperty("choices")[0].GetProperty("text").GetString()!;
}
