using ModelRunner.ModelStore.Tests;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Endpoints;

/// <summary>
/// The requests of the <c>docker model</c> command, as its client sends them (docker/model-runner, cmd/cli/desktop), and what
/// it does with the answers.
/// </summary>
public sealed class DockerCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Its fullModelID and its lists take ID[7:19] of every model, which ends the program where that is too short, and send
    // the whole ID back in place of a name without a slash.
    [Theory]
    [InlineData("tiny")]
    [InlineData("stored")]
    public async Task Name_WithoutASlash_IsExpandedToAnIdThatWorks(string name)
    {
        await using var server = await StartAsync();
        var models = (await server.GetForJsonAsync("/models")).EnumerateArray().ToList();
        Assert.All(models, model =>
        {
            var id = model.GetProperty("id").GetString()!;
            Assert.StartsWith("sha256:", id, StringComparison.Ordinal);
            Assert.Equal(71, id.Length);
            Assert.True(model.GetProperty("created").GetInt64() >= 0);
            Assert.Equal(JsonValueKind.Object, model.GetProperty("config").ValueKind);
        });
        var expanded = models.Single(model => model.GetProperty("tags")[0].GetString() == $"ai/{name}").GetProperty("id").GetString()!;

        foreach (var id in new[] { expanded, expanded[7..], expanded[7..19] })
        {
            Assert.Equal(expanded, (await server.GetForJsonAsync($"/models/{id}")).GetProperty("id").GetString());
            Assert.Equal($"ai/{name}", (await server.GetForJsonAsync($"/engines/v1/models/{id}")).GetProperty("id").GetString());
        }

        var chat = await server.PostForEventsAsync("/engines/v1/chat/completions", $$"""{"model":"{{expanded}}","messages":[{"role":"user","content":"Hi"}],"stream":true}""");
        Assert.Equal("[DONE]", chat[^1]);
        Assert.Contains("Hel", string.Concat(chat), StringComparison.Ordinal);
        var resident = (await server.GetForJsonAsync("/engines/ps"))[0];
        Assert.Equal($"ai/{name}", resident.GetProperty("model_name").GetString());
        Assert.True(resident.GetProperty("last_used").TryGetDateTimeOffset(out _));
    }

    [Fact]
    public async Task StatusPsDfUnloadAndVersion_AreAnsweredInItsShapes()
    {
        await using var server = await StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Get, "models", null)).Status);
        Assert.Equal(JsonValueKind.String, JsonDocument.Parse((await SendAsync(server, HttpMethod.Get, "engines/status", null)).Text).RootElement.GetProperty("llama.cpp").ValueKind);
        Assert.Equal("[]", (await SendAsync(server, HttpMethod.Get, "engines/ps", null)).Text);
        var usage = JsonDocument.Parse((await SendAsync(server, HttpMethod.Get, "engines/df", null)).Text).RootElement;
        Assert.True(usage.GetProperty("models_disk_usage").GetInt64() > 0 && usage.GetProperty("default_backend_disk_usage").GetInt64() > 0);
        Assert.Equal("""{"unloaded_runners":0}""", (await SendAsync(server, HttpMethod.Post, "engines/unload", """{"all":true,"backend":"","models":null}""")).Text);
        Assert.Equal(JsonValueKind.String, JsonDocument.Parse((await SendAsync(server, HttpMethod.Get, "version", null)).Text).RootElement.GetProperty("version").ValueKind);
        Assert.Contains("running", (await SendAsync(server, HttpMethod.Get, "", null)).Text, StringComparison.Ordinal);
        var list = JsonDocument.Parse((await SendAsync(server, HttpMethod.Get, "engines/v1/models", null)).Text).RootElement;
        Assert.Equal("list", list.GetProperty("object").GetString());
    }

    [Fact]
    public async Task Configure_AsItIsSent_IsAcceptedUnlessItHasFlags()
    {
        await using var server = await StartAsync();

        Assert.Equal(
            HttpStatusCode.Accepted,
            (await SendAsync(server, HttpMethod.Post, "engines/_configure", """{"model":"ai/stored","mode":"completion","context-size":256,"runtime-flags":[],"raw-runtime-flags":""}""")).Status);
        var configured = JsonDocument.Parse((await SendAsync(server, HttpMethod.Get, "engines/_configure?model=ai%2Fstored", null)).Text).RootElement[0];
        Assert.Equal(["Backend", "Model", "ModelID", "Mode", "Config"], configured.EnumerateObject().Select(field => field.Name));
        Assert.Equal(256, configured.GetProperty("Config").GetProperty("context-size").GetInt32());
    }

    [Fact]
    public async Task PullPushTagAndRemove_OfWhatCannotBe_EndInItsStatuses()
    {
        await using var server = await StartAsync();

        // It prints the body of each status that it does not expect, and knows 404.
        Assert.Equal(HttpStatusCode.BadGateway, (await SendAsync(server, HttpMethod.Post, "models/create", """{"from":"127.0.0.1:1/none/none","ignore-runtime-memory-check":false}""")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Post, "models/ai/none/push", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Post, "models/none/tag?repo=ai/x&tag=v1", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Delete, "models/ai/none?force=false", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Get, "models/ai/none", null)).Status);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(server, HttpMethod.Post, "models/stored/tag?repo=ai/x&tag=v1", null)).Status);
        Assert.Equal("""[{"Untagged":"ai/x:v1"}]""", (await SendAsync(server, HttpMethod.Delete, "models/ai/x:v1?force=false", null)).Text);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Delete, "models/purge", null)).Status);
    }

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync(options => options with { Transfer = options.Transfer with { MaxRetries = 0 } });
        await server.Services.GetRequiredService<ModelTransfers>().AddAsync(FixtureModels.Tiny, "ai/stored", Token);
        return server;
    }

    private static async Task<(HttpStatusCode Status, string Text)> SendAsync(TestServer server, HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("User-Agent", "docker-model-cli/v1.0.0");
        using var response = await server.Client.SendAsync(request, Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}
