using System.Net;
using System.Text;
using System.Text.Json;

namespace ModelRunner.Clients.Tests;

/// <summary>
/// Spring AI, whose packages are not at hand: the bodies that it sends, replayed, and what it and OpenAI's SDK for Java
/// under it demand of an answer.
/// </summary>
public abstract class SpringAiTests(SharedServers servers, string engine)
{
    private readonly SharedServer _shared = servers[engine];

    // Its order of fields, its habit to send the system's message where the application put it, its extra options
    // flattened into the body, a single stop as a string.
    private const string ChatBody = """
        {
          "messages": [
            { "role": "user", "content": "Tell me about 3 famous pirates." },
            { "role": "system", "content": "You are a helpful AI assistant." }
          ],
          "model": "ai/smollm2",
          "frequency_penalty": 0.0,
          "max_tokens": 12,
          "n": 1,
          "presence_penalty": 0.0,
          "seed": 7,
          "stop": "\u0001never\u0001",
          "temperature": 0.7,
          "top_p": 1.0,
          "user": "spring",
          "top_k": 40,
          "min_p": 0.05,
          "repetition_penalty": 1.1,
          "chat_template_kwargs": {},
          "my_own_option": { "nested": [1, 2] }
        """;

    private const string EmbeddingBody = """{ "input": ["hello", "world"], "model": "ai/smollm2", "encoding_format": "base64" }""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Chat_Body_IsAnsweredWithAllThatJavaRequires()
    {
        var answer = JsonSerializer.Deserialize<JsonElement>(await PostAsync("chat/completions", $"{ChatBody} }}"));
        AssertHasAll(answer, "id", "model", "choices", "created", "usage");
        foreach (var choice in answer.GetProperty("choices").EnumerateArray())
        {
            AssertHasAll(choice, "index", "message", "finish_reason", "logprobs");
            AssertHasAll(choice.GetProperty("message"), "role", "content", "refusal");
        }

        AssertHasAll(answer.GetProperty("usage"), "prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details");
    }

    [Fact]
    public async Task ChatStreaming_Body_GivesChunksThatMerge()
    {
        var body = $$"""{{ChatBody}}, "stream": true, "stream_options": { "include_usage": true, "include_obfuscation": false } }""";
        var whole = JsonSerializer.Deserialize<JsonElement>(await PostAsync("chat/completions", $"{ChatBody} }}"));
        var merger = SpringChunkMerger.Merge(await PostAsync("chat/completions", body));

        Assert.Equal(whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), merger.Content);
        Assert.Equal("length", merger.FinishReason);
        Assert.Equal(whole.GetProperty("usage").GetProperty("total_tokens").GetInt32(), merger.TotalTokens);
    }

    [Fact]
    public async Task Embedding_Body_IsAnsweredInBase64()
    {
        var answer = JsonSerializer.Deserialize<JsonElement>(await PostAsync("embeddings", EmbeddingBody));
        foreach (var (index, entry) in answer.GetProperty("data").EnumerateArray().Index())
        {
            Assert.Equal(index, entry.GetProperty("index").GetInt32());
            Assert.Equal(64 * sizeof(float), entry.GetProperty("embedding").GetBytesFromBase64().Length);
        }
    }

    [Fact]
    public async Task Chat_ModelThatSpringTakesByDefault_IsNotFoundAndNamesThoseThatAre()
    {
        var error = await PostAsync("chat/completions", $"{ChatBody} }}".Replace("ai/smollm2", "gpt-5-mini", StringComparison.Ordinal), HttpStatusCode.NotFound);
        Assert.Contains("model_not_found", error, StringComparison.Ordinal);
        Assert.Contains("ai/smollm2", error, StringComparison.Ordinal);
    }

    private async Task<string> PostAsync(string path, string body, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"engines/{_shared.Engine}/v1/{path}")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.UserAgent.ParseAdd("spring-ai-openai");
        request.Headers.Authorization = new("Bearer", "not-needed");
        request.Headers.Add("X-Stainless-Lang", "java");
        request.Headers.Add("X-Stainless-Retry-Count", "0");
        using var response = await _shared.Process.Client.SendAsync(request, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(expected == response.StatusCode, text);
        return text;
    }

    private static void AssertHasAll(JsonElement value, params string[] names) =>
        Assert.All(names, name => Assert.True(value.TryGetProperty(name, out _), $"no {name} in {value}"));
}

public sealed class SpringAiOnLlamaCppTests(SharedServers servers) : SpringAiTests(servers, "llama.cpp");

public sealed class SpringAiOnOnnxTests(SharedServers servers) : SpringAiTests(servers, "onnx");
