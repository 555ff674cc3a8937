using ModelRunner.ModelStore.Tests;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Tests.Servers;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class StoreCheckTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fsck_OfAWrongBlob_SaysSoRepairsAndLetsAPullMendIt()
    {
        await using var registry = await FakeRegistry.StartAsync();
        await using var server = await TestServer.StartAsync();
        var name = $"{registry.Host}/team/model:v1";
        await server.Services.GetRequiredService<ModelTransfers>().AddAsync(FixtureModels.Tiny, name, Token);
        await server.PostForLinesAsync($"models/{name}/push", null);
        var sound = await server.PostForLinesAsync("models/fsck", null);
        Assert.Equal(("success", "fsck"), Of(sound[^1]));
        Assert.Contains(sound, line => Of(line) == ("progress", "fsck") && line.GetProperty("total").GetInt64() > 0);

        var blobs = Path.Combine(server.Services.GetRequiredService<ContentStore>().Root, "blobs", "sha256");
        var weights = new DirectoryInfo(blobs).EnumerateFiles().MaxBy(file => file.Length)!;
        await using (var file = weights.OpenWrite()) file.WriteByte(0);
        var found = await server.PostForLinesAsync("models/fsck", null);
        Assert.Equal(("error", "fsck"), Of(found[^1]));
        Assert.Equal("store_broken", found[^1].GetProperty("code").GetString());
        var warning = Assert.Single(found, line => Of(line) == ("warning", "fsck"));
        Assert.Equal($"sha256:{weights.Name}", warning.GetProperty("layer").GetProperty("id").GetString());
        Assert.Contains(name, warning.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.True(weights.Exists);

        var repaired = await server.PostForLinesAsync("models/fsck?repair=true", null);
        Assert.Equal(("success", "fsck"), Of(repaired[^1]));
        Assert.Contains($"Pull again: {name}", repaired[^1].GetProperty("message").GetString(), StringComparison.Ordinal);
        weights.Refresh();
        Assert.False(weights.Exists);
        Assert.Equal("success", (await server.PostForLinesAsync("models/create", $$"""{"from":"{{name}}"}"""))[^1].GetProperty("type").GetString());
        Assert.Equal(("success", "fsck"), Of((await server.PostForLinesAsync("models/fsck", null))[^1]));
    }

    // A repair mends neither, and told of success all the same.
    [Theory]
    [InlineData("blobs")]
    [InlineData("manifests")]
    public async Task Fsck_OfWhatIsMissing_EndsWithAnErrorAfterARepairToo(string folder)
    {
        await using var server = await TestServer.StartAsync();
        await server.Services.GetRequiredService<ModelTransfers>().AddAsync(FixtureModels.Tiny, "ai/bad", Token);
        var files = new DirectoryInfo(Path.Combine(server.Services.GetRequiredService<ContentStore>().Root, folder, "sha256"));
        files.EnumerateFiles().MaxBy(file => file.Length)!.Delete();

        var lines = await server.PostForLinesAsync("models/fsck?repair=true", null);

        Assert.Equal(("error", "fsck"), Of(lines[^1]));
        Assert.Contains("Pull again: ai/bad", lines[^1].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Single(lines, line => Of(line) == ("warning", "fsck"));
    }

    [Fact]
    public async Task Gc_OfWhatNobodyNames_FreesOldFilesAndOnDemandYoungOnes()
    {
        await using var server = await TestServer.StartAsync();
        var store = server.Services.GetRequiredService<ContentStore>();
        var model = await server.Services.GetRequiredService<ModelTransfers>().AddAsync(FixtureModels.Tiny, "ai/kept", Token);
        var blobs = Path.Combine(store.Root, "blobs", "sha256");
        var old = await WriteAsync(new byte[1000], "");
        File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        var young = await WriteAsync(new byte[2000], "");
        await WriteAsync(new byte[500], ".left.incomplete");

        Assert.Equal((HttpStatusCode.OK, """{"freed_bytes":1000}"""), await server.SendForTextAsync(HttpMethod.Post, "models/gc", null));
        Assert.Equal((false, true), (File.Exists(old), File.Exists(young)));
        Assert.Equal((HttpStatusCode.OK, """{"freed_bytes":2500}"""), await server.SendForTextAsync(HttpMethod.Post, "models/gc?all=true", null));
        Assert.Equal((HttpStatusCode.OK, """{"freed_bytes":0}"""), await server.SendForTextAsync(HttpMethod.Post, "models/gc?all=true", null));
        Assert.Equal(model.Id, store.Find("kept")!.Id);
        Assert.Empty((await store.CheckAsync(repair: false, null, Token)).Faults);

        async Task<string> WriteAsync(byte[] bytes, string end)
        {
            var path = Path.Combine(blobs, Digest.Of(bytes).Hex + end);
            await File.WriteAllBytesAsync(path, bytes, Token);
            return path;
        }
    }

    private static (string? Type, string? Mode) Of(JsonElement line) => (line.GetProperty("type").GetString(), line.GetProperty("mode").GetString());
}
