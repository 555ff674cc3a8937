using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Generation.Prompting;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Prompting;

public sealed class PromptBuilderTests
{
    private static readonly ChatTool Tool = new("f", default, false, JsonText.From("""{"type":"function","function":{"name":"f"}}"""));

    [Theory]
    [InlineData(true, null, "tools: ")]
    [InlineData(false, null, "plain: Hi")]
    [InlineData(true, "own: {{ messages[-1].content }}{{ tools }}", "own: Hi")]
    public void Show_NamedTemplates_TakesTheOneOfTheRequest(bool hasTools, string? templateOverride, string expected)
    {
        var info = new ModelInfo
        {
            Name = "m",
            Architecture = "a",
            Format = ModelFormat.Gguf,
            ChatTemplates = new Dictionary<string, string>
            {
                [""] = "plain: {{ messages[-1].content }}",
                ["tool_use"] = "tools: {{ messages[-1].content }}{% if tools is string %}{{ tools }}{% endif %}{# {{ tools }} #}",
                ["rag"] = "rag: {{ documents }}",
            },
        };
        var prompts = new PromptBuilder(new FakeTokenizer(32), info, Bundle with { ChatTemplateOverride = templateOverride }, TimeProvider.System, NullLogger.Instance);

        Assert.StartsWith(expected, prompts.Show(Request(hasTools)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_DocumentsOfAPlainModel_AreRefusedByName()
    {
        var prompts = new PromptBuilder(
            new FakeTokenizer(32), new ModelInfo { Name = "m", Architecture = "a", Format = ModelFormat.Gguf }, Bundle, TimeProvider.System, NullLogger.Instance);
        var request = Request(hasTools: false) with
        {
            TemplateVariables = new Dictionary<string, JsonText> { ["documents"] = JsonText.From("[1]") },
        };

        Assert.Equal("documents", Assert.Throws<InvalidRequestException>(() => prompts.Build(request)).Parameter);
    }

    [Fact]
    public void Show_BrokenResponseTemplate_SaysSo()
    {
        var info = new ModelInfo { Name = "m", Architecture = "a", Format = ModelFormat.Gguf, ChatTemplates = new Dictionary<string, string> { [""] = "x" } };
        var prompts = new PromptBuilder(new FakeTokenizer(32), info, Bundle with { ResponseTemplateOverride = "{" }, TimeProvider.System, NullLogger.Instance);

        Assert.Contains("response template", Assert.Throws<InvalidRequestException>(() => prompts.Show(Request(hasTools: false))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"fields":{"thinking":{"open":"\\ud800","close":"x"}}}""")]
    public void Show_BrokenResponseTemplateOfTheModelItself_IsLeftOut(string responseTemplate)
    {
        var info = new ModelInfo
        {
            Name = "m", Architecture = "a", Format = ModelFormat.Gguf, ResponseTemplate = responseTemplate,
            ChatTemplates = new Dictionary<string, string> { [""] = "x" },
        };

        Assert.Equal("x", new PromptBuilder(new FakeTokenizer(32), info, Bundle, TimeProvider.System, NullLogger.Instance).Show(Request(hasTools: false)).Text);
    }

    private static ModelBundle Bundle => new() { Name = "m", Formats = ModelFormat.Gguf };

    private static ChatRequest Request(bool hasTools) => new()
    {
        Messages = [new() { Role = "user", Content = "Hi" }],
        Tools = hasTools ? [Tool] : [],
    };
}
