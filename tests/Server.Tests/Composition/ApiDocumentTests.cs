using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ModelRunner.Server.Tests.Composition;

public sealed class ApiDocumentTests
{
    [Fact]
    public async Task Document_OfTheServer_HasEveryRoute()
    {
        await using var server = await TestServer.StartAsync();

        var document = await server.GetForJsonAsync("/openapi.json");

        Assert.StartsWith("3.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToHashSet(StringComparer.Ordinal);
        var routes = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(route => $"/{route.RoutePattern.RawText!.Trim('/').Replace("{*", "{", StringComparison.Ordinal)}")

            // The page itself, and a route that FastEndpoints has for its own tests.
            .Where(path => !path.StartsWith("/docs", StringComparison.Ordinal) && path != "/_test_url_cache_");
        Assert.Empty(routes.Except(paths));
        Assert.Contains("/engines/{engine}/v1/models/{name}", paths);
        var chat = document.GetProperty("paths").GetProperty("/v1/chat/completions").GetProperty("post");
        var body = chat.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema");
        Assert.True(body.GetProperty("properties").TryGetProperty("messages", out _));
    }

    [Fact]
    public async Task Page_OfTheDocument_ComesFromTheServerItself()
    {
        await using var server = await TestServer.StartAsync();

        using var response = await server.SendAsync(HttpMethod.Get, "/docs");
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("openapi.json", text, StringComparison.Ordinal);
        Assert.DoesNotContain("cdn.", text, StringComparison.Ordinal);
    }
}
