using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests.Scripted;

/// <summary>
/// The bodies of Spring AI that chance does not answer, replayed to a scripted model that reasons and calls: tools, their
/// results, the turns before, schemas, stops, and the newer bound.
/// </summary>
public sealed class SpringAiToolTests(ScriptedServer server)
{
    private const string Model = "tags";

    // Its order: the system's message where the application put it, tools that are not strict, several stops as an array, the
    // newer bound, and options of its own flattened into the body.
    private const string Body = """
        {
          "messages": [
            { "role": "user", "content": "How is the weather in Paris and Rome? zq7twice" },
            { "role": "system", "content": "You are a helpful AI assistant." }
          ],
          "model": "ai/tags",
          "max_completion_tokens": 400,
          "n": 1,
          "stop": ["\u0001never\u0001", "\u0001not this either\u0001"],
          "temperature": 0.7,
          "tools": [
            {
              "type": "function",
              "function": {
                "name": "get_weather",
                "description": "The weather of a city",
                "parameters": {
                  "$schema": "https://json-schema.org/draft/2020-12/schema",
                  "type": "object",
                  "properties": { "city": { "type": "string", "description": "The city" } },
                  "required": ["city"],
                  "additionalProperties": false
                },
                "strict": false
              }
            }
          ],
          "tool_choice": "auto",
          "parallel_tool_calls": true,
          "top_k": 40,
          "my_own_option": { "nested": [1, 2] }
        }
        """;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromMinutes(2) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("llama.cpp")]
    [InlineData("onnx")]
    public async Task Tools_StreamedAndNot_GiveTheSameCallsByIndex(string engine)
    {
        var (message, finishReason) = await AskAsync(engine, Parse());
        var merged = await StreamAsync(engine, Parse());

        Assert.Equal("tool_calls", finishReason);
        Assert.Equal("tool_calls", merged.FinishReason);
        Assert.Equal(
            message["tool_calls"]!.AsArray().Select(call => ((string?)call!["function"]!["name"], (string?)call["function"]!["arguments"])),
            merged.Calls.Select(call => ((string?)call.Name, (string?)call.Arguments)));
        Assert.Equal(["Paris", "Rome"], merged.Calls.Select(call => (string?)JsonNode.Parse(call.Arguments)!["city"]));
        Assert.Equal(2, merged.Calls.Select(call => call.Id).Distinct().Count());
        Assert.Equal("Look it up.", merged.Reasoning);
        Assert.Equal(merged.Reasoning, (string?)message["reasoning_content"]);
        Assert.True(merged.TotalTokens > 0);
    }

    [Theory]
    [InlineData("llama.cpp")]
    [InlineData("onnx")]
    public async Task SecondTurn_WithCallsReasoningAndResults_ReachesThePromptAndIsAnswered(string engine)
    {
        var body = WithResults((await AskAsync(engine, Parse())).Message);

        var prompt = (string?)JsonNode.Parse(await PostAsync(engine, body, "chat/completions/render"))!["prompt"];
        foreach (var part in new[] { "Look it up.", "\"city\": \"Paris\"", "\"city\": \"Rome\"", ToolShape.Result, "rainy, 12 degrees", "You are a helpful AI assistant." })
            Assert.Contains(part, prompt, StringComparison.Ordinal);

        var (message, finishReason) = await AskAsync(engine, body);
        Assert.Equal((ToolShape.Final, "stop"), ((string?)message["content"], finishReason));
        Assert.Equal(ToolShape.Final, (await StreamAsync(engine, body)).Content);
    }

    [Theory]
    [InlineData("llama.cpp")]
    [InlineData("onnx")]
    public async Task StopsAndNewerBound_EndTheAnswer(string engine)
    {
        var body = WithResults((await AskAsync(engine, Parse())).Message);
        body["stop"] = new JsonArray(" in Paris", "\u0001never\u0001");
        var (message, finishReason) = await AskAsync(engine, body);
        Assert.Equal(("It is sunny", "stop"), ((string?)message["content"], finishReason));

        body["max_completion_tokens"] = 5;
        (message, finishReason) = await AskAsync(engine, body);
        Assert.Equal("length", finishReason);
        Assert.StartsWith((string?)message["content"], ToolShape.Final, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama.cpp")]
    [InlineData("onnx")]
    public async Task JsonSchema_ForAStructuredAnswer_IsFollowed(string engine)
    {
        var body = Parse();
        body.Remove("tools");
        body.Remove("tool_choice");
        body.Remove("parallel_tool_calls");
        body["response_format"] = JsonNode.Parse("""
            {
              "type": "json_schema",
              "json_schema": {
                "name": "json_schema",
                "strict": true,
                "schema": {
                  "$schema": "https://json-schema.org/draft/2020-12/schema",
                  "type": "object",
                  "properties": { "city": { "enum": ["Rome"] } },
                  "required": ["city"],
                  "additionalProperties": false
                }
              }
            }
            """);

        var (message, finishReason) = await AskAsync(engine, body);
        Assert.Equal("stop", finishReason);
        Assert.Equal("Rome", (string?)JsonNode.Parse((string)message["content"]!)!["city"]);
        Assert.Equal((string?)message["content"], (await StreamAsync(engine, body)).Content);
    }

    private static JsonObject Parse()
    {
        SharedData.Require($"data/chat-templates/{ToolShapes.All.Single(shape => shape.Name == Model).Template}.json");
        return JsonNode.Parse(Body)!.AsObject();
    }

    /// <summary>The next turn: the calls with their reasoning as they were answered, and a message for each result.</summary>
    private static JsonObject WithResults(JsonNode answer)
    {
        var body = Parse();
        var messages = body["messages"]!.AsArray();
        messages.Add(new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = "",
            ["tool_calls"] = answer["tool_calls"]!.DeepClone(),
            ["reasoning_content"] = answer["reasoning_content"]!.DeepClone(),
        });
        foreach (var (call, result) in answer["tool_calls"]!.AsArray().Zip([ToolShape.Result, "rainy, 12 degrees"]))
            messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = call!["id"]!.DeepClone(), ["content"] = result });
        return body;
    }

    private async Task<(JsonNode Message, string? FinishReason)> AskAsync(string engine, JsonObject body)
    {
        var choice = JsonNode.Parse(await PostAsync(engine, body))!["choices"]![0]!;
        return (choice["message"]!, (string?)choice["finish_reason"]);
    }

    private async Task<SpringChunkMerger> StreamAsync(string engine, JsonObject body)
    {
        var streamed = body.DeepClone().AsObject();
        streamed["stream"] = true;
        streamed["stream_options"] = new JsonObject { ["include_usage"] = true };
        return SpringChunkMerger.Merge(await PostAsync(engine, streamed));
    }

    private async Task<string> PostAsync(string engine, JsonObject body, string path = "chat/completions")
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await Http.PostAsync(new Uri(server.Address, $"engines/{engine}/v1/{path}"), content, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }
}
