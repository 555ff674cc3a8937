using System.Net;
using System.Text.Json;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class ModelsTests
{
    [Theory]
    [InlineData("/engines/llama.cpp/v1/models", "ai/tiny")]
    [InlineData("/engines/onnx/v1/models", "ai/graph")]
    [InlineData("/engines/v1/models", "ai/graph,ai/tiny")]
    [InlineData("/v1/models", "ai/graph,ai/tiny")]
    public async Task List_OnEachPrefix_HasWhatTheEngineServes(string path, string expected)
    {
        await using var server = await TestServer.StartAsync();

        var list = await GetAsync(server, path, HttpStatusCode.OK);

        Assert.Equal("list", list.GetProperty("object").GetString());
        Assert.Equal(
            expected.Split(','),
            list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("/engines/llama.cpp/v1/models/ai/tiny")]
    [InlineData("/engines/v1/models/ai%2Ftiny")]
    [InlineData("/v1/models/tiny")]
    [InlineData("/v1/models/docker.io/ai/tiny:latest")]
    [InlineData("/v1/models/docker.io%2Fai%2FTINY%3Alatest")]
    public async Task Get_UnderEachSpelling_FindsTheModel(string path)
    {
        await using var server = await TestServer.StartAsync();

        var model = await GetAsync(server, path, HttpStatusCode.OK);

        Assert.Equal("ai/tiny", model.GetProperty("id").GetString());
        Assert.Equal("model", model.GetProperty("object").GetString());
        Assert.True(model.GetProperty("created").GetInt64() > 0);
    }

    [Theory]
    [InlineData("/v1/models/none", 404, "model_not_found")]
    [InlineData("/engines/onnx/v1/models/tiny", 404, "model_not_found")]
    [InlineData("/engines/none/v1/models", 404, "model_not_found")]
    [InlineData("/engines/none/v1/models/tiny", 404, "model_not_found")]
    [InlineData("/v1/none", 404, "unknown_url")]
    [InlineData("/v1/chat/completions", 405, "method_not_allowed")]
    public async Task Get_OfWhatIsNotThere_IsAnOpenAiError(string path, int status, string code)
    {
        await using var server = await TestServer.StartAsync();

        var error = (await GetAsync(server, path, (HttpStatusCode)status)).GetProperty("error");

        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(property => property.Name));
    }

    private static async Task<JsonElement> GetAsync(TestServer server, string path, HttpStatusCode expected)
    {
        using var response = await server.Client.GetAsync(
            new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Single(response.Headers.GetValues("x-request-id"));
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
