using ModelRunner.ModelStore.Tests;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.Runtime;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Endpoints;

/// <summary>Loading ahead, and what is refused while a model is in use or where nobody serves it.</summary>
public sealed class ModelUseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-use").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("engines/v1/chat/completions", "llama.cpp")]
    [InlineData("engines/llama.cpp/v1/completions", "llama.cpp")]
    [InlineData("v1/embeddings", "llama.cpp")]
    public async Task Preload_OfAModel_LoadsItAndAnswersNothing(string path, string engine)
    {
        await using var server = await TestServer.StartAsync();

        var (status, text) = await PreloadAsync(server, path, """{"model":"tiny","messages":[]}""");

        Assert.Equal((HttpStatusCode.OK, ""), (status, text));
        var resident = (await server.GetForJsonAsync("/engines/ps"))[0];
        Assert.Equal(("ai/tiny", engine), (resident.GetProperty("model_name").GetString(), resident.GetProperty("backend_name").GetString()));
        Assert.Null(server.Script.LastChat);
    }

    [Theory]
    [InlineData("v1/chat/completions", """{"model":"none"}""", HttpStatusCode.NotFound)]
    [InlineData("engines/none/v1/chat/completions", """{"model":"tiny"}""", HttpStatusCode.NotFound)]
    [InlineData("engines/onnx/v1/chat/completions", """{"model":"tiny"}""", HttpStatusCode.BadRequest)]
    [InlineData("v1/chat/completions", "{}", HttpStatusCode.BadRequest)]
    public async Task Preload_ThatCannotBe_IsToldSo(string path, string body, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartAsync();

        var (status, text) = await PreloadAsync(server, path, body);

        Assert.True(expected == status, text);
        Assert.NotNull(JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("message").GetString());
        Assert.Equal(0, (await server.GetForJsonAsync("/engines/ps")).GetArrayLength());
    }

    [Fact]
    public async Task Model_InUse_IsNeitherDeletedNorPurgedNorConfigured()
    {
        await using var server = await TestServer.StartAsync();
        var model = await server.Services.GetRequiredService<ModelTransfers>().AddAsync(FixtureModels.Tiny, "ai/used", Token);
        using (await server.Services.GetRequiredService<ModelRuntime>().AcquireAsync(null, new("ai/used"), null, Token))
        {
            foreach (var (method, path, body) in new[]
            {
                (HttpMethod.Delete, "models/ai/used", null),
                (HttpMethod.Delete, $"models/{model.Id}?force=true", null),
                (HttpMethod.Delete, "models/purge", null),
                (HttpMethod.Post, "engines/_configure", """{"model":"used","context-size":128}"""),
                (HttpMethod.Post, "engines/llama.cpp/_configure", """{"model":"used","context-size":128}"""),
            })
            {
                var (status, text) = await server.SendForTextAsync(method, path, body);
                Assert.True(status == HttpStatusCode.Conflict, $"{method} {path}: {status} {text}");
                Assert.Equal("model_conflict", JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("code").GetString());
            }

            Assert.Equal(JsonValueKind.Undefined, Configured(await server.GetForJsonAsync("/engines/_configure")).ValueKind);
            Assert.Empty((await server.Services.GetRequiredService<ContentStore>().CheckAsync(repair: false, null, Token)).Faults);
        }

        Assert.Equal(HttpStatusCode.Accepted, (await server.SendForTextAsync(HttpMethod.Post, "engines/_configure", """{"model":"used","context-size":128}""")).Status);
        Assert.Equal(128, Configured(await server.GetForJsonAsync("/engines/_configure")).GetProperty("Config").GetProperty("context-size").GetInt32());
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendForTextAsync(HttpMethod.Delete, "models/ai/tiny", null)).Status);

        static JsonElement Configured(JsonElement all) => all.EnumerateArray().FirstOrDefault(entry => entry.GetProperty("Model").GetString() == "ai/used");
    }

    [Fact]
    public async Task OneNameOfSeveral_OfAModelInUse_GoesAlone()
    {
        await using var server = await TestServer.StartAsync();
        await server.Services.GetRequiredService<ModelTransfers>().AddAsync(FixtureModels.Tiny, "ai/used", Token);
        await server.SendForTextAsync(HttpMethod.Post, "models/ai/used/tag?repo=ai/other&tag=v1", null);
        using var lease = await server.Services.GetRequiredService<ModelRuntime>().AcquireAsync(null, new("ai/used"), null, Token);

        Assert.Equal((HttpStatusCode.OK, """[{"Untagged":"ai/other:v1"}]"""), await server.SendForTextAsync(HttpMethod.Delete, "models/ai/other:v1", null));
    }

    [Theory]
    [InlineData("v1/chat/completions", """{"model":"tensors","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("engines/onnx/v1/completions", """{"model":"ai/tensors","prompt":"Hi"}""")]
    [InlineData("engines/llama.cpp/v1/embeddings", """{"model":"ai/tensors:latest","input":"Hi"}""")]
    public async Task Safetensors_AreListedAndRefusedByName(string path, string body)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "model.safetensors"), "tensors", Token);
        await using var server = await TestServer.StartAsync();
        await server.Services.GetRequiredService<ModelTransfers>().AddAsync(_folder, "ai/tensors", Token);

        Assert.Equal("safetensors", (await server.GetForJsonAsync("/models/tensors")).GetProperty("config").GetProperty("format").GetString());
        Assert.Contains((await server.GetForJsonAsync("/models")).EnumerateArray(), model => model.GetProperty("tags")[0].GetString() == "ai/tensors");
        var error = (await server.PostForJsonAsync(path, body, HttpStatusCode.BadRequest)).GetProperty("error");
        Assert.Contains("'ai/tensors' has safetensors weights", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("model", error.GetProperty("param").GetString());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<(HttpStatusCode Status, string Text)> PreloadAsync(TestServer server, string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body), Headers = { { "X-Preload-Only", "true" } } };
        using var response = await server.Client.SendAsync(request, Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}
