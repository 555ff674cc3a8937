using ModelRunner.ModelStore.Tests;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Tests.Servers;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Endpoints;

/// <summary>The store over HTTP, with the requests as the <c>docker model</c> command sends them.</summary>
public sealed class StoredModelsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DockerModel_FromPushToRemoval_IsAnswered()
    {
        await using var registry = await FakeRegistry.StartAsync();
        await using var server = await TestServer.StartAsync();
        var name = $"{registry.Host}/team/model:v1";
        await PackageAsync(server, name);

        var pushed = await server.PostForLinesAsync($"models/{name}/push", null);
        Assert.Equal(("success", "push"), Ends(pushed));
        Assert.Equal(HttpStatusCode.OK, (await server.SendForTextAsync(HttpMethod.Delete, $"models/{name}?force=false", null)).Status);

        var pulled = await server.PostForLinesAsync("models/create", $$"""{"from":"{{name}}"}""");
        Assert.Equal(("success", "pull"), Ends(pulled));
        var progress = pulled.First(line => line.GetProperty("type").GetString() == "progress");
        Assert.StartsWith("sha256:", progress.GetProperty("layer").GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.True(progress.GetProperty("total").GetInt64() >= progress.GetProperty("layer").GetProperty("size").GetInt64());
        Assert.StartsWith("Using cached model", (await server.PostForLinesAsync("models/create", $$"""{"from":"{{name}}"}"""))[^1].GetProperty("message").GetString(), StringComparison.Ordinal);

        var listed = (await server.GetForJsonAsync("/models")).EnumerateArray().Single(model => !model.TryGetProperty("in_place", out _));
        Assert.Equal(name, listed.GetProperty("tags")[0].GetString());
        Assert.Equal(("gguf", "llama"), (listed.GetProperty("config").GetProperty("format").GetString(), listed.GetProperty("config").GetProperty("architecture").GetString()));
        var id = listed.GetProperty("id").GetString()!;
        Assert.Equal(id, (await server.GetForJsonAsync($"/models/{name}")).GetProperty("id").GetString());
        Assert.Equal(id, (await server.GetForJsonAsync($"/models/{id}")).GetProperty("id").GetString());
        Assert.Equal(id, (await server.GetForJsonAsync($"/models/{name}?remote=true")).GetProperty("id").GetString());
        Assert.Contains((await server.GetForJsonAsync("/engines/v1/models")).GetProperty("data").EnumerateArray(), model => model.GetProperty("id").GetString() == name);

        var tagged = await server.SendForTextAsync(HttpMethod.Post, $"models/{name}/tag?repo=ai/other&tag=v2", null);
        Assert.Equal(HttpStatusCode.Created, tagged.Status);
        Assert.Contains("\"target\":\"ai/other:v2\"", tagged.Text, StringComparison.Ordinal);
        var repackaged = await server.SendForTextAsync(HttpMethod.Post, "models/ai/other:v2/repackage", """{"target":"ai/other:long","context_size":64}""");
        Assert.Equal(HttpStatusCode.Created, repackaged.Status);
        Assert.Equal(64, (await server.GetForJsonAsync("/engines/_configure?model=ai/other:long"))[0].GetProperty("Config").GetProperty("context-size").GetInt32());

        Assert.Equal(HttpStatusCode.Conflict, (await server.SendForTextAsync(HttpMethod.Delete, $"models/{id}?force=false", null)).Status);
        Assert.Equal("""[{"Untagged":"ai/other:v2"}]""", (await server.SendForTextAsync(HttpMethod.Delete, "models/ai/other:v2?force=false", null)).Text);
        Assert.Equal($$"""[{"Untagged":"{{name}}"},{"Deleted":"{{id}}"}]""", (await server.SendForTextAsync(HttpMethod.Delete, $"models/{name}?force=false", null)).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendForTextAsync(HttpMethod.Delete, $"models/{name}?force=false", null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.SendForTextAsync(HttpMethod.Delete, "models/purge", null)).Status);
        Assert.All((await server.GetForJsonAsync("/models")).EnumerateArray(), model => Assert.True(model.GetProperty("in_place").GetBoolean()));
    }

    [Fact]
    public async Task Export_ThenLoad_GivesTheModelBack()
    {
        await using var server = await TestServer.StartAsync();
        await PackageAsync(server, "ai/packed");
        var id = (await server.GetForJsonAsync("/models/ai/packed")).GetProperty("id").GetString();
        var tar = await server.Client.GetByteArrayAsync(new Uri("models/ai/packed/export", UriKind.Relative), Token);
        await server.SendForTextAsync(HttpMethod.Delete, "models/ai/packed", null);

        using var content = new ByteArrayContent(tar);
        using var response = await server.Client.PostAsync(new Uri("models/load?tag=ai/again", UriKind.Relative), content, Token);

        Assert.Contains(id!, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(id, (await server.GetForJsonAsync("/models/again")).GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("models/create", """{"from":"../x"}""", HttpStatusCode.BadRequest, "model")]
    [InlineData("models/create", """{"from":""}""", HttpStatusCode.BadRequest, "from")]
    [InlineData("models/create", "no", HttpStatusCode.BadRequest, null)]
    [InlineData("models/create", """{"from":"127.0.0.1:1/a/b"}""", HttpStatusCode.BadGateway, null)]
    [InlineData("models/ai/tiny/tag", null, HttpStatusCode.BadRequest, "repo")]
    [InlineData("models/ai/none/tag?repo=a/b&tag=c", null, HttpStatusCode.NotFound, "model")]
    [InlineData("models/ai/tiny/nothing", null, HttpStatusCode.NotFound, "model")]
    [InlineData("models/load", "no tar", HttpStatusCode.BadRequest, null)]
    [InlineData("engines/_configure", """{"model":"tiny","runtime-flags":["--log-file","/etc/x"]}""", HttpStatusCode.BadRequest, "runtime-flags")]
    [InlineData("engines/_configure", """{"model":"tiny","context-size":"many"}""", HttpStatusCode.BadRequest, null)]
    [InlineData("engines/_configure", """{"model":"none"}""", HttpStatusCode.NotFound, "model")]
    public async Task Request_ThatIsWrong_IsToldSoInJson(string path, string? body, HttpStatusCode expected, string? parameter)
    {
        await using var server = await TestServer.StartAsync(options => options with
        {
            Transfer = options.Transfer with { MaxRetries = 0 },
        });

        var (status, text) = await server.SendForTextAsync(HttpMethod.Post, path, body);

        Assert.True(expected == status, $"{status}: {text}");
        Assert.Equal(parameter, JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task Configure_OfAModel_HoldsOverARestartAndUnloadsIt()
    {
        var folder = Directory.CreateTempSubdirectory("modelrunner-configured").FullName;
        try
        {
            await using (var server = await TestServer.StartAsync(options => options with { StoreFolder = folder }))
            {
                var (status, text) = await server.SendForTextAsync(HttpMethod.Post, "engines/_configure", """{"model":"tiny","context-size":128,"keep_alive":"90s","parallel":2}""");
                Assert.True(status == HttpStatusCode.Accepted, text);
            }

            await using var again = await TestServer.StartAsync(options => options with { StoreFolder = folder });
            var entry = (await again.GetForJsonAsync("/engines/_configure?model=ai/tiny"))[0];
            Assert.Equal(("llama.cpp", "ai/tiny"), (entry.GetProperty("Backend").GetString(), entry.GetProperty("Model").GetString()));
            Assert.Equal((128, "1m30s"), (entry.GetProperty("Config").GetProperty("context-size").GetInt32(), entry.GetProperty("Config").GetProperty("keep_alive").GetString()));
            Assert.Equal(1, (await again.GetForJsonAsync("/engines/_configure")).GetArrayLength());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task PackageAsync(TestServer server, string name) => await server.Services.GetRequiredService<ModelTransfers>()
        .AddAsync(FixtureModels.Tiny, name, Token);

    private static (string? Type, string? Mode) Ends(List<JsonElement> lines) =>
        (lines[^1].GetProperty("type").GetString(), lines[^1].GetProperty("mode").GetString());
}
