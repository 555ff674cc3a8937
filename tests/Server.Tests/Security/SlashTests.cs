using System.Net;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ModelRunner.Server.Security;

namespace ModelRunner.Server.Tests.Security;

public sealed class SlashTests
{
    // The first is what a client makes of a base that ends in a slash.
    [Theory]
    [InlineData("/engines//v1/chat/completions")]
    [InlineData("/engines/v1//chat/completions")]
    [InlineData("/engines///llama.cpp//v1/chat////completions")]
    [InlineData("//v1/chat/completions")]
    public async Task Slashes_InARow_AreOne(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var body = new StringContent(
            """{"model":"tiny","messages":[{"role":"user","content":"Hi"}]}""", Encoding.UTF8, "application/json");

        using var response = await server.Client.PostAsync(Of(server, path), body, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Slashes_OnEveryRoute_OpenNoneWithoutTheKey()
    {
        await using var server = await TestServer.StartAsync(options => options with { ApiKey = "the-key-0123" });
        var paths = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(route => "/" + route.RoutePattern.RawText!.TrimStart('/')
                .Replace("{engine}", "llama.cpp", StringComparison.Ordinal).Replace("{*name}", "ai/tiny", StringComparison.Ordinal))
            .ToHashSet(StringComparer.Ordinal);
        var open = new List<string>();
        foreach (var path in paths)
        {
            foreach (var doubled in new[] { $"/{path}", path.Replace("/", "//", StringComparison.Ordinal), $"/health/..{path}", $"//health//..{path}" })
            {
                using var response = await server.Client.GetAsync(Of(server, doubled), TestContext.Current.CancellationToken);
                if (response.StatusCode != HttpStatusCode.Unauthorized) open.Add(path);
            }
        }

        Assert.Equal(ApiKeyMiddleware.OpenPaths.Order(StringComparer.Ordinal), open.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Slashes_WithAForeignHost_AreTurnedAway()
    {
        await using var server = await TestServer.StartAsync();

        using var response = await server.SendAsync(HttpMethod.Get, "/v1//models", ("Host", "evil.example"));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    // As text: a relative address that begins with two slashes would name a host.
    private static Uri Of(TestServer server, string path) => new(server.Address.AbsoluteUri.TrimEnd('/') + path);
}
