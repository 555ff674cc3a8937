using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ModelRunner.Server.Security;

namespace ModelRunner.Server.Tests.Security;

public sealed class AccessTests
{
    private const string Key = "the-key-0123";

    [Fact]
    public async Task EveryRoute_WithoutTheKey_Is401ButTwo()
    {
        await using var server = await TestServer.StartAsync(options => options with { ApiKey = Key });
        var routes = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.True(routes.Count > 20);
        var open = new List<string>();
        foreach (var route in routes)
        {
            var path = "/" + route.RoutePattern.RawText!.TrimStart('/')
                .Replace("{engine}", "llama.cpp", StringComparison.Ordinal).Replace("{*name}", "ai/tiny", StringComparison.Ordinal);
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var response = await server.SendAsync(new HttpMethod(method), path);
                if (response.StatusCode != HttpStatusCode.Unauthorized) open.Add(path);
                else Assert.Single(response.Headers.GetValues("x-request-id"));
            }
        }

        Assert.Equal(ApiKeyMiddleware.OpenPaths.Order(StringComparer.Ordinal), open.Distinct().Order(StringComparer.Ordinal));
        using var unknown = await server.SendAsync(HttpMethod.Get, "/nowhere");
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
    }

    [Theory]
    [InlineData("Authorization", "Bearer the-key-0123", 200)]
    [InlineData("Authorization", "bearer the-key-0123", 200)]
    [InlineData("x-api-key", "the-key-0123", 200)]
    [InlineData("Authorization", "Bearer the-key-012", 401)]
    [InlineData("Authorization", "Bearer ", 401)]
    [InlineData("Authorization", "Basic the-key-0123", 401)]
    [InlineData("x-api-key", "THE-KEY-0123", 401)]
    [InlineData("x-other", "the-key-0123", 401)]
    public async Task Key_InItsTwoForms_IsCompared(string header, string value, int status)
    {
        await using var server = await TestServer.StartAsync(options => options with { ApiKey = Key });

        using var response = await server.SendAsync(HttpMethod.Get, "/v1/models", (header, value));

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:12434", true)]
    [InlineData("app.localhost", true)]
    [InlineData("127.0.0.1:80", true)]
    [InlineData("[::1]:80", true)]
    [InlineData("192.168.1.7", true)]
    [InlineData("model-runner.docker.internal", true)]
    [InlineData("host.docker.internal:12434", true)]
    [InlineData("my.box", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("model-runner.docker.internal.evil.example", false)]
    public async Task Host_OfTheRequest_MustBeThisServer(string host, bool isAllowed)
    {
        await using var server = await TestServer.StartAsync(options => options with { AllowedHosts = ["my.box"] });

        using var response = await server.SendAsync(HttpMethod.Get, "/v1/models", ("Host", host));

        Assert.Equal(isAllowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Host_WithAKeySet_MayBeAny()
    {
        await using var server = await TestServer.StartAsync(options => options with { ApiKey = Key });

        using var response = await server.SendAsync(HttpMethod.Get, "/v1/models", ("Host", "llm.example"), ("x-api-key", Key));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://127.0.0.1", true)]
    [InlineData("http://[::1]:5173", true)]
    [InlineData("https://good.example", true)]
    [InlineData("https://ports.example:8443", true)]
    [InlineData("http://my.box:12434", true)]
    [InlineData("https://evil.example", false)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("null", false)]
    [InlineData("file://", false)]
    [InlineData("app://obsidian.md", true)]
    [InlineData("tauri://localhost", true)]
    [InlineData("http://tauri.localhost", true)]
    [InlineData("http://tauri.localhost.evil.example", false)]
    [InlineData("vscode-webview://1a2b3c", true)]
    [InlineData("vscode-file://vscode-app", true)]
    [InlineData("moz-extension://0f9e8d7c-6b5a", true)]
    [InlineData("chrome-extension://abcdefghijklmnop", false)]
    [InlineData("httpapp://obsidian.md", false)]
    [InlineData("app:obsidian.md", false)]
    [InlineData("://app", false)]
    public async Task Origin_OfAPage_MustBeHereOrListed(string origin, bool isAllowed)
    {
        await using var server = await TestServer.StartAsync(options => options with
        {
            Origins = ["https://good.example", "https://ports.example:*", "moz-extension://*"],
            AllowedHosts = ["my.box"],
        });

        using var response = await server.SendAsync(HttpMethod.Get, "/v1/models", ("Origin", origin), ("Host", "my.box:12434"));

        Assert.Equal(isAllowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
        if (isAllowed) Assert.Equal(origin, response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        else Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Preflight_OfALocalPage_NeedsNoKeyAndErrorsCanBeRead()
    {
        await using var server = await TestServer.StartAsync(options => options with { ApiKey = Key });

        using var preflight = await server.SendAsync(
            HttpMethod.Options, "/v1/chat/completions",
            ("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type,x-stainless-os"));
        using var refused = await server.SendAsync(HttpMethod.Get, "/v1/models", ("Origin", "http://localhost:3000"));

        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal("authorization,content-type,x-stainless-os", string.Join(',', preflight.Headers.GetValues("Access-Control-Allow-Headers")));
        Assert.Contains("POST", string.Join(',', preflight.Headers.GetValues("Access-Control-Allow-Methods")), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("http://localhost:3000", refused.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task Socket_OfTheFileSystem_ServesAnyHostToItsOwner()
    {
        var path = Path.Combine(Path.GetTempPath(), $"mr-{Guid.NewGuid():N}.sock");
        await using (await TestServer.StartAsync(options => options with { Socket = path }))
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), TestContext.Current.CancellationToken);
            await socket.SendAsync(
                "GET /v1/models HTTP/1.1\r\nHost: anything\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            var buffer = new byte[4096];
            var count = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            Assert.StartsWith("HTTP/1.1 200 OK", Encoding.ASCII.GetString(buffer, 0, count), StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }
}
