using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Tests.Servers;

/// <summary>What stands before a registry in the world: logins, token services, redirects to storage elsewhere. Owns the registry.</summary>
internal sealed class RegistryFront : ITestRegistry
{
    private static readonly string[] Passed = ["Accept", "Range", "Content-Type", "Content-Length", "Content-Range", "Docker-Content-Digest"];
    private readonly WebApplication _app;
    private readonly ITestRegistry _registry;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    private RegistryFront(WebApplication app, ITestRegistry registry)
    {
        _app = app;
        _registry = registry;
    }

    public string Host { get; private set; } = "";

    /// <summary>What every request must show; null for nothing.</summary>
    public (string User, string Password)? Login { get; set; }

    /// <summary>Whether it wants tokens, which it gives for the login or for the refresh token, instead of the login itself.</summary>
    public bool GivesTokens { get; set; }

    /// <summary>The token that is good now.</summary>
    public string Token { get; set; } = "the-token";

    /// <summary>What buys a token as well; null for nothing.</summary>
    public string? RefreshToken { get; set; }

    /// <summary>Where the challenge says that tokens are given; null for itself.</summary>
    public string? Realm { get; set; }

    /// <summary>Where the path of a blob is sent to; null for nowhere.</summary>
    public Func<string, string>? RedirectBlob { get; set; }

    /// <summary>The requests, with what stood in Authorization and the body of those for a token.</summary>
    public ConcurrentQueue<(string Method, string Path, string Authorization, string Form)> Requests { get; } = new();

    public static async Task<RegistryFront> StartAsync(bool isDebian)
    {
        ITestRegistry registry = isDebian ? await DebianRegistry.StartAsync() : await FakeRegistry.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var front = new RegistryFront(app, registry);
        app.Run(front.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        front.Host = new Uri(app.Urls.First()).Authority;
        return front;
    }

    public Task CorruptAsync(Digest blob) => _registry.CorruptAsync(blob);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
        await _registry.DisposeAsync();
    }

    private string Basic => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Login?.User}:{Login?.Password}"))}";

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value!;
        var authorization = request.Headers.Authorization.ToString();
        var form = request.HasFormContentType ? await new StreamReader(request.Body).ReadToEndAsync() : "";
        Requests.Enqueue((request.Method, path, authorization, form));
        if (path == "/token") await GiveTokenAsync(context, form);
        else if (path.StartsWith("/cdn/", StringComparison.Ordinal)) await ForwardAsync(context, path["/cdn".Length..]);
        else if (Login is not null && authorization != (GivesTokens ? $"Bearer {Token}" : Basic)) Challenge(context);
        else if (path.Contains("/blobs/sha256:", StringComparison.Ordinal) && RedirectBlob is { } redirect && HttpMethods.IsGet(request.Method))
            context.Response.Redirect(redirect(path), permanent: false, preserveMethod: true);
        else await ForwardAsync(context, path);
    }

    private void Challenge(HttpContext context)
    {
        context.Response.StatusCode = 401;
        context.Response.Headers.WWWAuthenticate = GivesTokens
            ? $"Bearer realm=\"{Realm ?? $"http://{Host}/token"}\",service=\"test\",scope=\"repository:x:pull\""
            : "Basic realm=\"test\"";
    }

    private async Task GiveTokenAsync(HttpContext context, string form)
    {
        var isKnown = HttpMethods.IsPost(context.Request.Method)
            ? RefreshToken is not null && form.Split('&').Contains($"refresh_token={RefreshToken}") && form.Split('&').Contains("grant_type=refresh_token")
            : context.Request.Headers.Authorization == Basic;
        if (isKnown) await context.Response.WriteAsync($$"""{"access_token":"{{Token}}"}""");
        else context.Response.StatusCode = 401;
    }

    private async Task ForwardAsync(HttpContext context, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri($"http://{_registry.Host}{path}{context.Request.QueryString}"));

        // Debian's makes the addresses of uploads of it.
        request.Headers.Host = context.Request.Host.Value;
        if (context.Request.ContentLength is not null || HttpMethods.IsPut(context.Request.Method)) request.Content = new StreamContent(context.Request.Body);
        foreach (var name in Passed)
            if (context.Request.Headers.TryGetValue(name, out var values) && !request.Headers.TryAddWithoutValidation(name, values.ToArray()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
            if (Passed.Contains(name) || name == "Location")
                context.Response.Headers[name] = values.ToArray();
        if (!HttpMethods.IsHead(context.Request.Method)) await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
