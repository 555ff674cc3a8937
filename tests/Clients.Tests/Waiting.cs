using System.Text.Json;

namespace ModelRunner.Clients.Tests;

/// <summary>What a test asks the server itself.</summary>
internal static class Waiting
{
    private static readonly TimeSpan HangLimit = TimeSpan.FromMinutes(5);

    /// <summary>Asks until no model has a user: every request has ended, on the server's side too.</summary>
    public static async Task UntilIdleAsync(this ServerProcess server)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(HangLimit);
        while ((await server.GetAsync("engines/ps", limit.Token)).EnumerateArray().Any(model => model.GetProperty("in_use").GetBoolean()))
            await Task.Yield();
    }

    public static async Task<JsonElement> GetAsync(this ServerProcess server, string path, CancellationToken cancellationToken)
    {
        using var response = await server.Client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
