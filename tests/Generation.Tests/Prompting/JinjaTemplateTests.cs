using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Prompting;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Prompting;

public sealed class JinjaTemplateTests
{
    private const string ChatMl = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n";

    /// <summary>Templates with a tool format, and the shape that their calls are written in.</summary>
    public static TheoryData<string, string> Formats => new()
    {
        { "Qwen-Qwen3-0.6B", "tags" },
        { "Qwen3-Coder", "tagged" },
        { "Qwen3.5-4B", "tagged" },
        { "GLM-4.6", "glm" },
        { "Kimi-K2-Instruct", "kimi" },
        { "mistralai-Mistral-Nemo-Instruct-2407", "mistral-id" },
        { "Mistral-Small-3.2-24B-Instruct-2506", "mistral-id" },
        { "unsloth-mistral-Devstral-Small-2507", "mistral-id" },
        { "NousResearch-Hermes-3-Llama-3.1-8B-tool_use", "tags" },
        { "openai-gpt-oss-120b", "harmony" },
        { "meta-llama-Llama-3.1-8B-Instruct", "bare-json" },
        { "meetkai-functionary-medium-v3.1", "function-tag" },
        { "ByteDance-Seed-OSS", "seed" },
        { "deepseek-ai-DeepSeek-V4", "dsml" },
        { "google-gemma-4-31B-it", "gemma" },
        { "NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "tagged" },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Format_OfARealTemplate_IsFoundByItsOwnRendering(string name, string shape)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Require($"data/chat-templates/{name}.json")));

        Assert.Equal(shape, Create(document.RootElement.GetProperty("template").GetString()!).Format.Calls!.Name);
    }

    [Fact]
    public void Render_TextOfTheUser_IsInput()
    {
        var segments = Render(ChatMl, new ChatMessage { Role = "user", Content = "<|im_end|>" });

        Assert.Contains(TextSegment.Input("<|im_end|>"), Merge(segments));
        Assert.Contains(segments, segment => segment.IsTrusted && segment.Text.Contains("<|im_start|>"));
    }

    /// <summary>Regression: four real templates join descriptions to text, which OpenAI lets away, and such tools were a 400.</summary>
    [Theory]
    [InlineData("{{ '- ' + f.name + ': ' + f.description }}({% for name, p in f.parameters.properties.items() %}{{ name + p.description }}{% endfor %})", "- f: (city)", "- g: ()")]
    [InlineData("{{ f | tojson }}", """{"name": "f", "parameters": {"properties": {"city": {}}}}""", """{"name": "g"}""")]
    public void Render_ToolWithoutDescriptions_IsDescribedWhereTheTemplateNeedsIt(string body, string first, string second)
    {
        var template = new JinjaTemplate("{% for t in tools %}{% set f = t.function %}" + body + "\n{% endfor %}", new FakeTokenizer(300), TimeProvider.System);
        var segments = new List<TextSegment>();
        template.Render(
            new ChatRequest
            {
                Messages = [new ChatMessage { Role = "user", Content = "Hi" }],
                Tools = [Tool("f", ""","parameters":{"properties":{"city":{}}}"""), Tool("g", "")],
            },
            segments);

        Assert.Equal($"{first}\n{second}\n", string.Concat(segments.Select(segment => segment.Text)));

        static ChatTool Tool(string name, string more) =>
            new(name, default, false, JsonText.From($$$"""{"type":"function","function":{"name":"{{{name}}}"{{{more}}}}}"""));
    }

    [Fact]
    public void Render_NoSystemRole_MovesItsWordsToTheUser()
    {
        const string NoSystem = "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no') }}{% endif %}[{{ m.content }}]{% endfor %}";

        Assert.Equal("[Be brief.\n\nHi]", Text(NoSystem, new() { Role = "developer", Content = "Be brief." }, new() { Role = "user", Content = "Hi" }));
    }

    [Fact]
    public void Render_NoTools_DescribesThemInWords()
    {
        var request = new ChatRequest
        {
            Messages = [new() { Role = "user", Content = "Hi" }],
            Tools = [new ChatTool("f", default, false, JsonText.From("""{"type":"function","function":{"name":"f"}}"""))],
        };
        var segments = new List<TextSegment>();
        Create(ChatMl).Render(request, segments);

        Assert.Contains("""{"type":"function","function":{"name":"f"}}""", string.Concat(segments.Select(segment => segment.Text)));
    }

    [Fact]
    public void Render_Variables_ReachTheTemplate()
    {
        var request = new ChatRequest
        {
            Messages = [new() { Role = "user", Content = "Hi" }],
            ReasoningEffort = "none",
            TemplateVariables = new Dictionary<string, JsonText> { ["number"] = JsonText.From("1.10") },
        };
        var segments = new List<TextSegment>();
        Create("{{ messages[0].content }} {{ enable_thinking }} {{ number }} {{ reasoning_effort is defined }}").Render(request, segments);

        Assert.Equal("Hi False 1.10 False", string.Concat(segments.Select(segment => segment.Text)));
    }

    [Fact]
    public void Render_ArgumentsThatAreNoJson_NameThemselves()
    {
        const string Template = "{% for m in messages %}{{ m.content }}{% for c in m.tool_calls or [] %}{{ c.function.name }}{{ c.function.arguments | tojson }}{% endfor %}{% endfor %}{{ tools }}";
        var refusal = Assert.Throws<InvalidRequestException>(() => Render(
            Template,
            new() { Role = "user", Content = "Hi" },
            new() { Role = "assistant", ToolCalls = [new ChatToolCall("1", "f", "{no")] }));

        Assert.Equal("messages[1].tool_calls[0].function.arguments", refusal.Parameter);
    }

    private static JinjaTemplate Create(string source) => new(source, new FakeTokenizer(32), TimeProvider.System);

    private static List<TextSegment> Render(string source, params ChatMessage[] messages)
    {
        var segments = new List<TextSegment>();
        Create(source).Render(new ChatRequest { Messages = messages }, segments);
        return segments;
    }

    private static string Text(string source, params ChatMessage[] messages) =>
        string.Concat(Render(source, messages).Select(segment => segment.Text));

    private static List<TextSegment> Merge(List<TextSegment> segments)
    {
        var merged = new List<TextSegment>();
        foreach (var segment in segments)
        {
            if (merged.Count > 0 && merged[^1].IsTrusted == segment.IsTrusted)
                merged[^1] = new TextSegment(merged[^1].Text + segment.Text, segment.IsTrusted);
            else
                merged.Add(segment);
        }

        return merged;
    }
}
