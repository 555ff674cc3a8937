using System.Buffers.Binary;
using System.Net;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class EmbeddingsTests
{
    [Theory]
    [InlineData("/engines/llama.cpp/v1/embeddings")]
    [InlineData("/engines/v1/embeddings")]
    [InlineData("/v1/embeddings")]
    public async Task Embeddings_OnEachPrefix_GiveTheVectors(string path)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.PostForJsonAsync(path, """{"model":"tiny","input":["a","b"]}""");

        Assert.Equal(("list", "tiny"), (answer.GetProperty("object").GetString(), answer.GetProperty("model").GetString()));
        var second = answer.GetProperty("data")[1];
        Assert.Equal(("embedding", 1), (second.GetProperty("object").GetString(), second.GetProperty("index").GetInt32()));
        Assert.Equal([1f, 0.5f, -0.25f, 1f], second.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()));
        Assert.Equal((6, 6), (answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), answer.GetProperty("usage").GetProperty("total_tokens").GetInt32()));
        Assert.False(answer.GetProperty("usage").TryGetProperty("completion_tokens", out _));
    }

    [Theory]
    [InlineData("\"a\"", 1, false)]
    [InlineData("[\"a\",\"b\",\"c\"]", 3, false)]
    [InlineData("[1,2,3]", 1, true)]
    [InlineData("[[1,2],[3]]", 2, true)]
    public async Task Embeddings_OfEachShapeOfInput_MakeAVectorForEach(string input, int count, bool isTokens)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.PostForJsonAsync("/v1/embeddings", $$"""{"model":"tiny","input":{{input}}}""");

        Assert.Equal(count, answer.GetProperty("data").GetArrayLength());
        var request = server.Script.Embeddings.Single();
        Assert.All(request.Inputs, given => Assert.Equal(isTokens, given.Tokens is not null));
    }

    [Fact]
    public async Task Embeddings_InBase64_AreLittleEndianFloats()
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.PostForJsonAsync(
            "/v1/embeddings", """{"model":"tiny","input":"a","encoding_format":"base64","dimensions":3}""");

        var bytes = answer.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        var values = Enumerable.Range(0, bytes.Length / 4).Select(index => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(index * 4)));
        Assert.Equal([0f, 0.5f, -0.25f], values);
        Assert.Equal(3, server.Script.Embeddings.Single().Dimensions);
    }

    [Fact]
    public async Task Embeddings_WithTheQueueFull_AreToldToComeBack()
    {
        await using var server = await TestServer.StartAsync();
        server.Script.Refusal = new ServerBusyException("full", TimeSpan.FromMinutes(3));

        using var response = await server.PostAsync("/v1/embeddings", """{"model":"tiny","input":"a"}""");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("5000", response.Headers.GetValues("retry-after-ms").Single());
        Assert.Equal("5", response.Headers.GetValues("Retry-After").Single());
    }
}
