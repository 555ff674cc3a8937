using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Tests;
using ModelRunner.Server.Models;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Endpoints;

/// <summary>What a store that cannot be used, and a model in it that cannot, take along: nothing else.</summary>
public sealed class UnavailableStoreTests : IDisposable
{
    private const string Chat = """{"model":"ai/tiny","messages":[{"role":"user","content":"hi"}]}""";

    // No user, not even root, makes a folder below a file.
    private readonly string _file = Path.GetTempFileName();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_WithoutAFolderForItsStore_ServesItsOtherModelsAndSaysItOnce()
    {
        var logs = new CapturedLogs();
        await using var server = await StartAsync(logs);

        Assert.Equal("assistant", (await server.PostForJsonAsync("engines/v1/chat/completions", Chat))
            .GetProperty("choices")[0].GetProperty("message").GetProperty("role").GetString());
        Assert.Equal(3, (await server.GetForJsonAsync("/engines/v1/models")).GetProperty("data").GetArrayLength());
        Assert.Equal(3, (await server.GetForJsonAsync("/models")).GetArrayLength());
        Assert.Equal("ai/tiny", (await server.GetForJsonAsync("/engines/_configure?model=tiny"))[0].GetProperty("Model").GetString());

        await server.Services.GetServices<IHostedService>().OfType<StoreCleaning>().Single().ExecuteTask!;
        Assert.Contains(_file, Assert.Single(logs.Lines, line => line.StartsWith("Warning ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "models/create", """{"from":"ai/other"}""")]
    [InlineData("POST", "models/create", """{"from":"hf.co/owner/other"}""")]
    [InlineData("POST", "models/ai/tiny/tag?repo=ai/other&tag=v1", null)]
    [InlineData("POST", "models/gc", null)]
    [InlineData("POST", "models/fsck", null)]
    [InlineData("DELETE", "models/purge", null)]
    [InlineData("POST", "engines/_configure", """{"model":"ai/tiny","context-size":128}""")]
    public async Task Change_OfAStoreWithoutAFolder_IsAnErrorOfItsOwn(string method, string path, string? body)
    {
        await using var server = await StartAsync(logs: null);

        var (status, text) = await server.SendForTextAsync(new HttpMethod(method), path, body);

        Assert.True(status == HttpStatusCode.ServiceUnavailable, $"{status}: {text}");
        var error = JsonDocument.Parse(text).RootElement.GetProperty("error");
        Assert.Equal("store_unavailable", error.GetProperty("code").GetString());
        Assert.Contains(_file, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_OfAModelWithoutAStore_IsNotFoundOrNotOurs()
    {
        await using var server = await StartAsync(logs: null);

        Assert.Equal(HttpStatusCode.NotFound, (await server.SendForTextAsync(HttpMethod.Delete, "models/ai/none", null)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendForTextAsync(HttpMethod.Delete, "models/ai/tiny", null)).Status);
    }

    // The list of models never came.
    [Fact]
    public async Task Model_WhoseWeightsWereCut_IsToldAndTheOthersAreServed()
    {
        await using var server = await TestServer.StartAsync();
        await server.Services.GetRequiredService<ModelTransfers>().AddAsync(FixtureModels.Tiny, "ai/cut", Token);
        var blobs = new DirectoryInfo(Path.Combine(server.Services.GetRequiredService<ContentStore>().Root, "blobs", "sha256"));
        await using (var weights = blobs.EnumerateFiles().MaxBy(file => file.Length)!.OpenWrite()) weights.SetLength(10);

        using var listed = await server.SendAsync(HttpMethod.Get, "/engines/v1/models").WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.DoesNotContain("ai/cut", await listed.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        await server.PostForJsonAsync("engines/v1/chat/completions", Chat);
        var error = await server.PostForJsonAsync(
            "engines/v1/chat/completions", Chat.Replace("ai/tiny", "ai/cut", StringComparison.Ordinal), HttpStatusCode.InternalServerError);
        Assert.Equal("store_broken", error.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("Pull the model again", error.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private Task<TestServer> StartAsync(CapturedLogs? logs) =>
        TestServer.StartAsync(options => options with { StoreFolder = Path.Combine(_file, "store") }, logs: logs);
}
