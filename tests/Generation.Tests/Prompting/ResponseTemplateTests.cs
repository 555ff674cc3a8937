using System.Text.Json;
using ModelRunner.Generation.Parsing;
using ModelRunner.Generation.Prompting;
using ModelRunner.Generation.Tests.Parsing;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Prompting;

/// <summary>What models say about their answers in transformers' form.</summary>
public sealed class ResponseTemplateTests
{
    private const string Weather = """get_weather{"city": "Rome", "days": 2}""";

    public static TheoryData<string, string> Calls => new()
    {
        {
            """{"open": "<call>", "close": ["</call>", "<eot>"], "repeats": true, "content": "json", "transform": {"type": "function", "function": "{content}"}}""",
            """<call>{"name": "get_weather", "arguments": {"city": "Rome", "days": 2}}</call>"""
        },
        {
            """{"open": "<|START|>", "close": "<|STOP|>", "content": "json", "transform_each": true, "transform": {"type": "function", "function": {"name": "{fn}", "arguments": "{with}"}}}""",
            """<|START|>[{"fn": "get_weather", "with": {"city": "Rome", "days": 2}}]<|STOP|>"""
        },
        {
            """{"open_pattern": "<\\|use\\|>to=(?P<name>\\w+).*?<\\|with\\|>", "close": "<|call|>", "content": "json", "transform": {"type": "function", "function": {"name": "{name}", "arguments": "{content}"}}}""",
            """<|use|>to=get_weather <|with|>{"city": "Rome", "days": 2}<|call|>"""
        },
        {
            """{"open_pattern": "<tool>\\s*<function=(?P<name>\\w+)>", "close": "</tool>", "content": "xml-inline", "content_args": {"tag_pattern": "<parameter=(?P<key>\\w+)>\\s*(?P<value>.*?)\\s*</parameter>"}, "transform": {"type": "function", "function": {"name": "{name}", "arguments": "{content}"}}}""",
            """
            <tool>
            <function=get_weather><parameter=city>
            Rome
            </parameter><parameter=days>2</parameter></tool>
            """
        },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void Calls_AsStated_AreRead(string field, string answer)
    {
        var (reasoning, calls) = ResponseTemplate.Read($$"""{"start_anchor": "x", "fields": {"thinking": {"open": "<ponder>", "close": "</ponder>"}, "tool_calls": {{field}}, "content": {"close": "<end>"} } }""");

        var format = new OutputFormat { Reasoning = reasoning, Calls = calls };
        Assert.Equal(new Parsed("Hm.", "Yes.", Weather), Parsed.Of(format, ["<ponder>Hm.</ponder>Yes. " + answer]));
    }

    [Theory]
    [InlineData("""{"open": "<call>", "content": "kv-lines"}""")]
    [InlineData("""{"open_pattern": "<(?:a|b)>(?P<name>\\w+)>", "content": "json", "transform": {"name": "{name}", "arguments": "{content}"}}""")]
    [InlineData("""{"open_pattern": "<a>", "content": "json"}""")]
    public void Calls_ThatSayMore_AreLeftToTheChatTemplate(string field) =>
        Assert.Null(ResponseTemplate.Read($$"""{"fields": {"tool_calls": {{field}} } }""").Calls);

    [Fact]
    public void Marks_ThatAreEmpty_CountForNothing()
    {
        var (reasoning, calls) = ResponseTemplate.Read(
            """{"fields": {"thinking": {"open": "<t>", "close": [""]}, "tool_calls": {"open": [""], "content": "json"} } }""");

        Assert.Null(reasoning);
        Assert.Null(calls);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"fields": 1}""")]
    [InlineData("{")]
    public void Read_NoResponseTemplate_Throws(string json) => Assert.ThrowsAny<JsonException>(() => ResponseTemplate.Read(json));

    [Fact]
    public void Format_ThatTheChatTemplateContradicts_IsNotUsed()
    {
        const string Template = "{% if tools %}{{ tools|tojson }}{% endif %}{% for m in messages %}[{{ m.role }}]{{ m.content }}"
            + "{% for c in m.tool_calls or [] %}<tool_call>{{ {'name': c.function.name, 'arguments': c.function.arguments}|tojson }}</tool_call>{% endfor %}{% endfor %}";
        const string Stated = """{"fields": {"thinking": {"open": "<ponder>", "close": "</ponder>"}, "tool_calls": {"open": "<other>", "close": "</other>", "content": "json"} } }""";

        var format = new JinjaTemplate(Template, new FakeTokenizer(300), TimeProvider.System, Stated).Format;

        Assert.Equal("tags", format.Calls!.Name);
        Assert.Equal(new ReasoningFormat("<ponder>", "</ponder>"), format.Reasoning);
    }

    [Fact]
    public void Format_WhoseOpeningStandsBehindTheName_IsNotUsed()
    {
        const string Template = "{% if tools %}{{ tools|tojson }}{% endif %}{% for m in messages %}[{{ m.role }}]{{ m.content }}"
            + "{% for c in m.tool_calls or [] %}<use>{{ c.function.name }}<args>{{ c.function.arguments|tojson }}</args>{% endfor %}{% endfor %}";
        const string Stated = """{"fields": {"tool_calls": {"open": "<args>", "close": "</args>", "content": "json"} } }""";

        Assert.NotEqual("stated", new JinjaTemplate(Template, new FakeTokenizer(300), TimeProvider.System, Stated).Format.Calls!.Name);
    }

    [Fact]
    public void Reasoning_ThatTheChatTemplateContradicts_IsNotUsed()
    {
        const string Template = "{% for m in messages %}[{{ m.role }}]{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}{{ m.content }}{% endfor %}";
        const string Stated = """{"fields": {"thinking": {"open": "<ponder>", "close": "</ponder>"} } }""";

        Assert.Equal(new ReasoningFormat("<think>", "</think>"), new JinjaTemplate(Template, new FakeTokenizer(300), TimeProvider.System, Stated).Format.Reasoning);
    }
}
