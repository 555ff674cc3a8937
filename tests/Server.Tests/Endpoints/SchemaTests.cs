using System.Net;

namespace ModelRunner.Server.Tests.Endpoints;

/// <summary>Answers and every chunk against OpenAI's schemas.</summary>
public sealed class SchemaTests
{
    private static readonly string[] Variants =
    [
        "", ",\"n\":2", ",\"logprobs\":LOG", ",\"n\":2,\"logprobs\":LOG,\"max_tokens\":9", ",\"stop\":[\"x\"],\"seed\":1",
    ];

    [Fact]
    public async Task Answers_OfEveryCall_AreValid()
    {
        var schemas = OpenAiSchemas.Require();
        await using var server = await TestServer.StartAsync();
        server.Script.Pieces = ["a\"\n"u8.ToArray(), [0xC3], [0xA9]];
        var wrong = new List<string>();
        foreach (var (path, body, schema) in Calls("CreateChatCompletionResponse", "CreateCompletionResponse"))
            wrong.AddRange(await schemas.ValidateAsync(schema, (await server.PostForJsonAsync(path, $"{{{body}}}")).GetRawText()));
        foreach (var format in new[] { "", ",\"dimensions\":2" })
            wrong.AddRange(await schemas.ValidateAsync(
                "CreateEmbeddingResponse",
                (await server.PostForJsonAsync("/v1/embeddings", $$"""{"model":"tiny","input":["a",""]{{format}}}""")).GetRawText()));
        wrong.AddRange(await schemas.ValidateAsync("ListModelsResponse", (await server.GetForJsonAsync("/v1/models")).GetRawText()));
        wrong.AddRange(await schemas.ValidateAsync("Model", (await server.GetForJsonAsync("/v1/models/tiny")).GetRawText()));
        foreach (var (path, status) in new[] { ("/v1/models/none", HttpStatusCode.NotFound), ("/none", HttpStatusCode.NotFound), ("/v1/embeddings", HttpStatusCode.MethodNotAllowed) })
            wrong.AddRange(await schemas.ValidateAsync("ErrorResponse", (await server.GetForJsonAsync(path, status)).GetRawText()));

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Chunks_OfEveryStream_AreValid()
    {
        var schemas = OpenAiSchemas.Require();
        await using var server = await TestServer.StartAsync();
        server.Script.Pieces = ["a\"\n"u8.ToArray(), [0xC3], [0xA9]];
        var wrong = new List<string>();
        var count = 0;
        foreach (var (path, body, schema) in Calls("CreateChatCompletionStreamResponse", "CreateCompletionResponse"))
            foreach (var usage in new[] { "", ",\"stream_options\":{\"include_usage\":true}" })
                foreach (var chunk in (await server.PostForEventsAsync(path, $"{{{body},\"stream\":true{usage}}}"))[..^1])
                {
                    count++;

                    var text = schema == "CreateCompletionResponse" ? AsAnswer(chunk) : chunk;
                    wrong.AddRange(await schemas.ValidateAsync(schema, text));
                }

        Assert.True(count > 50);
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Validation_OfWrongAnswers_FindsThem()
    {
        var schemas = OpenAiSchemas.Require();

        Assert.NotEmpty(await schemas.ValidateAsync("Model", """{"id":"a","object":"model","created":"x","owned_by":"y"}"""));
        Assert.NotEmpty(await schemas.ValidateAsync("CreateChatCompletionResponse", """{"id":"a","object":"chat.completion","created":1,"model":"m"}"""));
        Assert.NotEmpty(await schemas.ValidateAsync(
            "CreateChatCompletionStreamResponse",
            """{"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":5},"finish_reason":null}]}"""));
    }

    /// <summary>
    /// OpenAI publishes no schema for the chunks of text completions: they are answers, but for two nulls that their server
    /// sends and the schema of answers does not know.
    /// </summary>
    private static string AsAnswer(string chunk) => chunk
        .Replace(",\"usage\":null", "", StringComparison.Ordinal)
        .Replace("\"finish_reason\":null", "\"finish_reason\":\"stop\"", StringComparison.Ordinal);

    private static IEnumerable<(string Path, string Body, string Schema)> Calls(string chat, string completion) =>
        Variants.SelectMany(variant => new[]
        {
            ("/v1/chat/completions", "\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]" + variant.Replace("LOG", "true,\"top_logprobs\":2", StringComparison.Ordinal), chat),
            ("/v1/completions", "\"model\":\"tiny\",\"prompt\":[\"x\",\"y\"]" + variant.Replace("LOG", "2", StringComparison.Ordinal), completion),
        });
}
