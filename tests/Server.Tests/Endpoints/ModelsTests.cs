using System.Net;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class ModelsTests
{
    [Theory]
    [InlineData("/engines/llama.cpp/v1/models", "ai/tiny,hf.co/owner/repo")]
    [InlineData("/engines/onnx/v1/models", "ai/graph")]
    [InlineData("/engines/v1/models", "ai/graph,ai/tiny,hf.co/owner/repo")]
    [InlineData("/v1/models", "ai/graph,ai/tiny,hf.co/owner/repo")]
    public async Task List_OnEachPrefix_HasWhatTheEngineServes(string path, string expected)
    {
        await using var server = await TestServer.StartAsync();

        var list = await server.GetForJsonAsync(path, HttpStatusCode.OK);

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

        var model = await server.GetForJsonAsync(path, HttpStatusCode.OK);

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

        var error = (await server.GetForJsonAsync(path, (HttpStatusCode)status)).GetProperty("error");

        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(property => property.Name));
    }

    [Theory]
    [InlineData("/v1/models/hf.co/owner/repo")]
    [InlineData("/engines/v1/models/huggingface.co/Owner/Repo")]
    [InlineData("/engines/llama.cpp/v1/models/hf.co%2Fowner%2frepo%3Alatest")]
    public async Task Get_OfAHuggingFaceName_FindsTheModel(string path)
    {
        await using var server = await TestServer.StartAsync();

        Assert.Equal("hf.co/owner/repo", (await server.GetForJsonAsync(path)).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Get_OfARealFile_HasTheFactsUnderEveryName()
    {
        await using var server = await TestServer.StartAsync(options => options with
        {
            Models = [new ModelEntry("ai/real", FixtureModels.TinyQ4)],
        });
        var model = await server.GetForJsonAsync("/v1/models/ai/real");
        var length = model.GetProperty("context_length").GetInt32();

        Assert.True(length > 0);
        Assert.Equal(length, model.GetProperty("max_context_length").GetInt32());
        Assert.Equal(length, model.GetProperty("max_model_len").GetInt32());
        Assert.Equal(length, model.GetProperty("meta").GetProperty("n_ctx_train").GetInt32());
        var dmr = model.GetProperty("dmr");
        Assert.Equal(length, dmr.GetProperty("context_window").GetInt32());
        Assert.Equal("llama", dmr.GetProperty("architecture").GetString());
        Assert.Equal("Q4_0", dmr.GetProperty("quantization").GetString());
        Assert.EndsWith("MiB", dmr.GetProperty("size").GetString(), StringComparison.Ordinal);
        Assert.False(model.TryGetProperty("loaded_context_length", out _));

        await server.PostForJsonAsync("/v1/chat/completions", """{"model":"ai/real","messages":[{"role":"user","content":"x"}]}""");

        Assert.Equal(2048, (await server.GetForJsonAsync("/v1/models/ai/real")).GetProperty("loaded_context_length").GetInt32());
    }

    [Fact]
    public async Task Get_OfAnUnknownName_TellsSomeThatAreThere()
    {
        await using var server = await TestServer.StartAsync();

        var error = (await server.GetForJsonAsync("/v1/models/gpt-5-mini", HttpStatusCode.NotFound)).GetProperty("error");

        Assert.Contains("ai/tiny", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
