namespace ModelRunner.Server.Tests.Endpoints;

public sealed class LogsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Logs_AskedOnce_AreTheLinesSoFar()
    {
        await using var server = await TestServer.StartAsync();

        using var response = await server.SendAsync(HttpMethod.Get, "/logs");

        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        var line = Assert.Single((await response.Content.ReadAsStringAsync(Token)).Split('\n'), line => line.Contains("listens on", StringComparison.Ordinal));
        Assert.Contains("Information", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_Followed_GoOnUntilTheServerStops()
    {
        await using var server = await TestServer.StartAsync();
        using var response = await server.Client.GetAsync(new Uri("/logs?follow=true", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        string? line;
        do line = await reader.ReadLineAsync(Token);
        while (line?.Contains("listens on", StringComparison.Ordinal) == false);
        Assert.NotNull(line);

        await server.GetForJsonAsync("/engines/v1/models/none", System.Net.HttpStatusCode.NotFound);
        do line = await reader.ReadLineAsync(Token);
        while (line?.Contains("/engines/v1/models/none answered 404", StringComparison.Ordinal) == false);
        Assert.NotNull(line);

        var stopping = server.StopAsync();
        while (await reader.ReadLineAsync(Token) is not null)
        {
        }

        await stopping;
    }
}
