using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Tests.Servers;

/// <summary>The parts of Hugging Face's API that a pull uses, over files in memory, two to a page.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const int PlainLimit = 1_000;
    private readonly WebApplication _app;

    private FakeHub(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = new("http://localhost");

    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>What the listing says of a file instead of the truth.</summary>
    public Dictionary<string, (Digest Digest, long Size)> Claims { get; } = new(StringComparer.Ordinal);

    /// <summary>The bearer token that it wants; null for none.</summary>
    public string? Token { get; set; }

    /// <summary>Called before each answer, with the path.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    public ConcurrentQueue<string> Requests { get; } = new();

    public static async Task<FakeHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var hub = new FakeHub(app);
        app.Run(hub.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        hub.Address = new Uri(app.Urls.First());
        return hub;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Requests.Enqueue(path);
        await Before(path);
        if (Token is not null && context.Request.Headers.Authorization != $"Bearer {Token}") context.Response.StatusCode = 401;
        else if (path is $"/api/models/Owner/Repo/revision/main" or $"/api/models/Owner/Repo/revision/{Commit}")
            await context.Response.WriteAsync($$"""{"sha":"{{Commit}}","private":false}""");
        else if (path == $"/api/models/Owner/Repo/tree/{Commit}") await ListAsync(context);
        else if (path.StartsWith($"/Owner/Repo/resolve/{Commit}/", StringComparison.Ordinal)
            && Files.TryGetValue(path.Split($"{Commit}/")[1], out var bytes))
            await RangedAnswer.WriteAsync(context, bytes, hasRanges: true);
        else context.Response.StatusCode = 404;
    }

    private async Task ListAsync(HttpContext context)
    {
        var page = int.TryParse(context.Request.Query["cursor"], CultureInfo.InvariantCulture, out var number) ? number : 0;
        var entries = new JsonArray([.. Files.Skip(page * 2).Take(2).Select(file => Describe(file.Key, file.Value))]);
        if ((page + 1) * 2 < Files.Count)
            context.Response.Headers.Link = $"<{Address}api/models/Owner/Repo/tree/{Commit}?recursive=true&cursor={page + 1}>; rel=\"next\"";
        await context.Response.WriteAsync(entries.ToJsonString());
    }

    private JsonObject Describe(string path, byte[] bytes)
    {
        var entry = new JsonObject { ["type"] = "file", ["path"] = path, ["size"] = bytes.Length };
#pragma warning disable CA5350 // What Git calls a file.
        entry["oid"] = Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));
#pragma warning restore CA5350
        if (bytes.Length <= PlainLimit) return entry;
        var (digest, size) = Claims.TryGetValue(path, out var claim) ? claim : (Digest.Of(bytes), bytes.Length);
        entry["lfs"] = new JsonObject { ["oid"] = digest.Hex, ["size"] = size, ["pointerSize"] = 130 };
        return entry;
    }
}
