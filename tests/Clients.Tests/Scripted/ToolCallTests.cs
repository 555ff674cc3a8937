using System.ClientModel;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ModelRunner.Testing;
using OpenAI;
using OpenAI.Chat;

namespace ModelRunner.Clients.Tests.Scripted;

/// <summary>Calls of tools in every shape over HTTP, on both engines, as the official SDKs read them.</summary>
public sealed class ToolCallTests(ScriptedServer server)
{
    private const string Schema = """{"type":"object","properties":{"city":{"type":"string","description":"The city"}},"required":["city"],"additionalProperties":false}""";
    private const string Tool = $$$"""{"type":"function","function":{"name":"get_weather","description":"The weather","strict":true,"parameters":{{{Schema}}}}}""";

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromMinutes(2) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each shape on each engine.</summary>
    public static TheoryData<string, string> Shapes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var shape in ToolShapes.All)
            {
                data.Add("llama.cpp", shape.Name);
                data.Add("onnx", shape.Name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Chat_CallInAuto_StreamsAsItAnswers(string engine, string name)
    {
        var shape = Require(name);
        var whole = await PostAsync(engine, Body(name, "\"tool_choice\":\"auto\""));
        var choice = whole.GetProperty("choices")[0];
        var message = choice.GetProperty("message");
        var call = Assert.Single(message.GetProperty("tool_calls").EnumerateArray());

        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal("get_weather", call.GetProperty("function").GetProperty("name").GetString());
        Assert.Equal("{\"city\":\"Paris\"}", Compact(call.GetProperty("function").GetProperty("arguments").GetString()!));
        Assert.Equal(shape.Content.Trim(), (message.GetProperty("content").GetString() ?? "").Trim());
        Assert.Equal(shape.Reasoning, message.TryGetProperty("reasoning_content", out var reasoning) ? reasoning.GetString()! : "");
        Assert.Equal(
            shape.Reasoning.Length > 0,
            whole.GetProperty("usage").GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32() > 0);

        var streamed = await StreamAsync(engine, Body(name, "\"tool_choice\":\"auto\",\"stream\":true"));
        Assert.Equal(call.GetProperty("function").GetProperty("arguments").GetString(), streamed.Arguments);
        Assert.Equal("get_weather", streamed.Name);
        Assert.Equal(message.GetProperty("content").GetString() ?? "", streamed.Content);
        Assert.Equal(shape.Reasoning, streamed.Reasoning);
        Assert.Equal("tool_calls", streamed.FinishReason);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Chat_RequiredOfAModelThatWouldNot_ForcesACall(string engine, string name)
    {
        Require(name);
        var body = Body(
            name,
            "\"tool_choice\":\"required\",\"parallel_tool_calls\":false,\"max_tokens\":400,\"temperature\":0,\"thinking_budget\":0",
            $"Say {ToolShape.Refusal}.");
        var choice = (await PostAsync(engine, body)).GetProperty("choices")[0];

        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal("", (choice.GetProperty("message").GetProperty("content").GetString() ?? "").Trim());
        var call = Assert.Single(choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray()).GetProperty("function");
        Assert.Equal("get_weather", call.GetProperty("name").GetString());
        using var arguments = JsonDocument.Parse(call.GetProperty("arguments").GetString()!);
        Assert.Equal(JsonValueKind.String, arguments.RootElement.GetProperty("city").ValueKind);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task OpenAiSdk_ToolLoop_EndsWithTheAnswer(string engine, string name)
    {
        Require(name);
        var client = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Address, $"engines/{engine}/v1") })
            .GetChatClient($"ai/{name}");
        var options = new ChatCompletionOptions
        {
            Tools = { ChatTool.CreateFunctionTool("get_weather", "The weather", BinaryData.FromString(Schema), functionSchemaIsStrict: true) },
        };
        List<ChatMessage> messages = [new UserChatMessage("How is the weather in Paris?")];
        ChatCompletion answer = await client.CompleteChatAsync(messages, options, Token);
        var call = Assert.Single(answer.ToolCalls);

        Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
        Assert.Equal("{\"city\":\"Paris\"}", Compact(call.FunctionArguments.ToString()));
        messages.Add(new AssistantChatMessage(answer));
        messages.Add(new ToolChatMessage(call.Id, ToolShape.Result));

        var text = new StringBuilder();
        await foreach (var update in client.CompleteChatStreamingAsync(messages, options, Token))
            foreach (var part in update.ContentUpdate)
                text.Append(part.Text);

        Assert.Equal(ToolShape.Final, text.ToString());
    }

    [Theory]
    [InlineData("llama.cpp")]
    [InlineData("onnx")]
    public async Task NodeSdk_HelpersOverEachShape_FindTheCall(string engine)
    {
        Require("tags");
        await NodePrograms.RunAsync(
            [
                ("MODEL_RUNNER_URL", $"{server.Address}engines/{engine}/v1"),
                ("MODEL_RUNNER_MODELS", string.Join(',', ToolShapes.All.Select(shape => $"ai/{shape.Name}"))),
                ("MODEL_RUNNER_RESULT", ToolShape.Result),
                ("MODEL_RUNNER_FINAL", ToolShape.Final),
            ],
            null,
            "tools.mjs");
    }

    [Theory]
    [InlineData("llama.cpp")]
    [InlineData("onnx")]
    public async Task Chat_ThinkingBudget_EndsTheReasoning(string engine)
    {
        Require("tags");
        var whole = await PostAsync(engine, Body("tags", "\"thinking_budget\":4"));
        var message = whole.GetProperty("choices")[0].GetProperty("message");

        // The opening marker and its newline are letters here; the budget counts behind it.
        Assert.Equal("Loo", message.GetProperty("reasoning_content").GetString());
        Assert.InRange(whole.GetProperty("usage").GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32(), 4, 4 + "</think>".Length);
    }

    [Fact]
    public async Task Chat_ResponseFormatOfAReasoningModel_BindsWhatFollows()
    {
        Require("tags");
        const string Format = "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"enum\":[\"yes\"]},\"strict\":true}}";
        using var response = await SendAsync("llama.cpp", $$"""{"model":"ai/tags","messages":[{"role":"user","content":"Hi"}],"max_tokens":200,{{Format}}}""");
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        var message = document.RootElement.GetProperty("choices")[0].GetProperty("message");

        Assert.Equal("Look it up.", message.GetProperty("reasoning_content").GetString());
        Assert.Equal("\"yes\"", message.GetProperty("content").GetString());
    }

    [Fact]
    public async Task Chat_DocumentsOfATemplateThatDoesNotReadThem_AreRefusedByName()
    {
        using var response = await SendAsync("llama.cpp", """{"model":"ai/fallback","messages":[{"role":"user","content":"Hi"}],"documents":[{"text":"x"}]}""");
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("documents", document.RootElement.GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task Render_Tokenize_Detokenize_AgreeWithOneAnother()
    {
        var rendered = await PostAsync("onnx", """{"model":"ai/fallback","messages":[{"role":"user","content":"Hi é"}]}""", "chat/completions/render");
        const string Prompt = "<|im_start|>user\nHi é<|im_end|>\n<|im_start|>assistant";
        Assert.Equal(Prompt, rendered.GetProperty("prompt").GetString());
        var tokens = rendered.GetProperty("tokens").GetRawText();

        var tokenized = await PostAsync("onnx", JsonSerializer.Serialize(new { model = "ai/fallback", prompt = Prompt }), "tokenize");
        Assert.Equal(tokens, tokenized.GetProperty("tokens").GetRawText());

        var text = await PostAsync("onnx", $$"""{"model":"ai/fallback","tokens":{{tokens}}}""", "detokenize");
        Assert.Equal(Prompt, text.EnumerateObject().Single(field => field.Value.ValueKind == JsonValueKind.String).Value.GetString());
    }

    private static ToolShape Require(string name)
    {
        var shape = ToolShapes.All.Single(shape => shape.Name == name);
        if (shape.IsReal)
            SharedData.Require($"data/chat-templates/{shape.Template}.json");

        return shape;
    }

    private static string Body(string name, string more, string question = "How is the weather in Paris?") =>
        $$"""{"model":"ai/{{name}}","messages":[{"role":"user","content":"{{question}}"}],"tools":[{{Tool}}],{{more}}}""";

    private static string Compact(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement);
    }

    private async Task<HttpResponseMessage> SendAsync(string engine, string body, string path = "chat/completions")
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        return await Http.PostAsync(new Uri(server.Address, $"engines/{engine}/v1/{path}"), content, Token);
    }

    private async Task<JsonElement> PostAsync(string engine, string body, string path = "chat/completions")
    {
        using var response = await SendAsync(engine, body, path);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private async Task<(string Content, string Reasoning, string Name, string Arguments, string FinishReason)> StreamAsync(string engine, string body)
    {
        using var response = await SendAsync(engine, body);
        var (content, reasoning, name, arguments, finish) = ("", "", "", "", "");
        foreach (var line in (await response.Content.ReadAsStringAsync(Token)).Split('\n'))
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal))
                continue;

            var choices = JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]).GetProperty("choices");
            if (choices.GetArrayLength() == 0)
                continue;

            var delta = choices[0].GetProperty("delta");
            content += Text(delta, "content");
            reasoning += Text(delta, "reasoning_content");
            finish += Text(choices[0], "finish_reason");
            foreach (var call in delta.TryGetProperty("tool_calls", out var calls) ? [.. calls.EnumerateArray()] : Array.Empty<JsonElement>())
            {
                Assert.Equal(0, call.GetProperty("index").GetInt32());
                name += Text(call.GetProperty("function"), "name");
                arguments += Text(call.GetProperty("function"), "arguments");
            }
        }

        return (content, reasoning, name, arguments, finish);
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
