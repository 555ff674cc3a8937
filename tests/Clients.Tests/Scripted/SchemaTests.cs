using System.Net.Http.Headers;
using System.Text;
using ModelRunner.Server.Tests.Endpoints;
using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests.Scripted;

/// <summary>Answers and chunks with calls, reasoning and structured content in them, against OpenAI's schemas.</summary>
public sealed class SchemaTests(ScriptedServer server)
{
    // Without descriptions, which OpenAI lets away: templates must take that.
    private const string Schema = """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}""";
    private const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"strict\":true,\"parameters\":" + Schema + "}}],\"max_tokens\":400";

    // Each with what its answers must contain, or the schemas would judge plain text.
    private static readonly (string Fields, string Expected)[] Variants =
    [
        ($"{Tools},\"tool_choice\":\"auto\"", "\"tool_calls\":["),
        ($"{Tools},\"tool_choice\":\"auto\",\"n\":2,\"logprobs\":true,\"top_logprobs\":2", "\"top_logprobs\":["),
        ($"{Tools},\"tool_choice\":\"required\",\"parallel_tool_calls\":false,\"thinking_budget\":0", "\"tool_calls\":["),
        ($$$"""{{{Tools}}},"tool_choice":{"type":"function","function":{"name":"get_weather"}},"thinking_budget":0""", "\"tool_calls\":["),
        ($"{Tools},\"tool_choice\":\"none\",\"reasoning_effort\":\"low\"", "\"content\":"),
        ("\"max_tokens\":400,\"thinking_budget\":0,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"enum\":[\"yes\"]},\"strict\":true}}", "yes"),
    ];

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromMinutes(2) };
    private static readonly Lazy<OpenAiSchemas> Schemas = new(OpenAiSchemas.Require);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each shape.</summary>
    public static TheoryData<string> Shapes => [.. ToolShapes.All.Select(shape => shape.Name)];

    // What is written is the same on both engines: the other tests compare them.
    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task AnswersAndChunks_OfEachShape_AreValid(string name)
    {
        SharedData.Require("data/openai-schemas.json");
        var shape = ToolShapes.All.Single(shape => shape.Name == name);
        if (shape.IsReal) SharedData.Require($"data/chat-templates/{shape.Template}.json");
        var wrong = new List<string>();
        foreach (var (fields, expected) in Variants)
        {
            var body = $$"""{"model":"ai/{{name}}","messages":[{"role":"user","content":"How is the weather in Paris?"}],{{fields}}""";
            var answer = await PostAsync($"{body}}}");
            Assert.True(answer.Contains(expected, StringComparison.Ordinal), $"{expected} is not in {answer}");
            if (shape.Reasoning.Length > 0 && !fields.Contains("thinking_budget", StringComparison.Ordinal))
                Assert.Contains("\"reasoning_content\":\"", answer, StringComparison.Ordinal);
            wrong.AddRange(await Schemas.Value.ValidateAsync("CreateChatCompletionResponse", answer));

            var chunks = (await PostAsync($"{body},\"stream\":true,\"stream_options\":{{\"include_usage\":true}}}}"))
                .Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
                .Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
                .Select(line => line["data: ".Length..]);
            foreach (var chunk in chunks)
                wrong.AddRange(await Schemas.Value.ValidateAsync("CreateChatCompletionStreamResponse", chunk));
        }

        Assert.Empty(wrong);
    }

    private async Task<string> PostAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await Http.PostAsync(new Uri(server.Address, "engines/v1/chat/completions"), content, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }
}
