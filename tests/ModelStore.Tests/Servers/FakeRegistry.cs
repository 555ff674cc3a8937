using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Tests.Servers;

/// <summary>A registry in memory.</summary>
internal sealed class FakeRegistry : ITestRegistry
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new();
    private readonly ConcurrentDictionary<string, (string Type, byte[] Bytes)> _manifests = new();

    private FakeRegistry(WebApplication app) => _app = app;

    public string Host { get; private set; } = "";

    /// <summary>Whether it keeps to the ranges that are asked for.</summary>
    public bool HasRanges { get; set; } = true;

    /// <summary>What the answers with blobs wait for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Method, host and path of each request. Kestrel also takes those that are made to a proxy.</summary>
    public ConcurrentQueue<(string Method, string Host, string Path)> Requests { get; } = new();

    public static async Task<FakeRegistry> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var registry = new FakeRegistry(app);
        app.Run(registry.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        registry.Host = new Uri(app.Urls.First()).Authority;
        return registry;
    }

    public Task CorruptAsync(Digest blob)
    {
        _blobs[blob.ToString()] = [.. _blobs[blob.ToString()].Select((value, index) => index == 3 ? (byte)(value ^ 1) : value)];
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Requests.Enqueue((context.Request.Method, context.Request.Host.Value ?? "", path));
        if (path.Contains("/manifests/", StringComparison.Ordinal)) await DoManifestAsync(context, path);
        else if (path.Contains("/blobs/uploads/", StringComparison.Ordinal)) await DoUploadAsync(context);
        else if (path.Split("/blobs/") is [_, var digest]) await GiveBlobAsync(context, digest);
        else context.Response.StatusCode = 404;
    }

    private async Task DoManifestAsync(HttpContext context, string path)
    {
        if (HttpMethods.IsPut(context.Request.Method))
        {
            var bytes = await ReadAsync(context);
            var entry = (context.Request.ContentType!, bytes);
            _manifests[path] = entry;
            _manifests[$"{path[..path.LastIndexOf('/')]}/{Digest.Of(bytes)}"] = entry;
            context.Response.StatusCode = 201;
        }
        else if (_manifests.TryGetValue(path, out var found))
        {
            context.Response.ContentType = found.Type;
            await context.Response.Body.WriteAsync(found.Bytes);
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    private async Task DoUploadAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = 202;
            context.Response.Headers.Location = $"{context.Request.Path}{Guid.NewGuid():N}?state=1";
            return;
        }

        var bytes = await ReadAsync(context);
        var isRight = context.Request.Query["digest"] == Digest.Of(bytes).ToString();
        if (isRight) _blobs[Digest.Of(bytes).ToString()] = bytes;
        context.Response.StatusCode = isRight ? 201 : 400;
    }

    private async Task GiveBlobAsync(HttpContext context, string digest)
    {
        await Gate.WaitAsync(context.RequestAborted);
        if (!_blobs.TryGetValue(digest, out var bytes)) context.Response.StatusCode = 404;
        else await RangedAnswer.WriteAsync(context, bytes, HasRanges);
    }

    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var stream = new MemoryStream();
        await context.Request.Body.CopyToAsync(stream);
        return stream.ToArray();
    }
}
