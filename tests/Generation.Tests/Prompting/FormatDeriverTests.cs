using ModelRunner.Abstractions.Requests;
using ModelRunner.Generation.Parsing;
using ModelRunner.Generation.Prompting;
using ModelRunner.Generation.Tests.Parsing;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Prompting;

/// <summary>Shapes that no model has: what a template writes says how to read it.</summary>
public sealed class FormatDeriverTests
{
    private const string Weather = """get_weather{"city":"Rome","days":2}""";
    private const string Search = """search{"query":"a } b"}""";

    /// <summary>What stands in a template for the calls of a message, and an answer of such a model with two calls.</summary>
    public static TheoryData<string, string> Shapes => new()
    {
        {
            """{% for c in m.tool_calls %}<|do|>{"tool": "{{ c.function.name }}", "with": {{ c.function.arguments|tojson }}}<|done|>{% endfor %}""",
            """<|do|>{"tool": "get_weather", "with": {"city":"Rome","days":2}}<|done|><|do|>{"tool": "search", "with": {"query":"a } b"}}<|done|>"""
        },
        {
            """{% for c in m.tool_calls %}[[call {{ c.function.name }}]]{{ c.function.arguments|tojson }}[[/call]]{{ '\n' }}{% endfor %}""",
            """
            [[call get_weather]]{"city":"Rome","days":2}[[/call]]
            [[call search]]{"query":"a } b"}[[/call]]
            """
        },
        {
            """<|calls|>{% for c in m.tool_calls %}<|one|>{{ c.function.name }}<|with|>{{ c.function.arguments|tojson }}<|/one|>{% endfor %}<|/calls|>""",
            """<|calls|><|one|>get_weather<|with|>{"city":"Rome","days":2}<|/one|><|one|>search<|with|>{"query":"a } b"}<|/one|><|/calls|>"""
        },
        {
            """{% for c in m.tool_calls %}<use:{{ c.function.name }}>{% for k, v in c.function.arguments.items() %}<arg:{{ k }}>{{ v }}</arg>{% endfor %}</use>{% endfor %}""",
            """<use:get_weather><arg:city>Rome</arg><arg:days>2</arg></use><use:search><arg:query>a } b</arg></use>"""
        },
        {
            """!!calls[{% for c in m.tool_calls %}{"fn": "{{ c.function.name }}", "args": {{ c.function.arguments|tojson }}}{{ ", " if not loop.last }}{% endfor %}]!!""",
            """!!calls[{"fn": "get_weather", "args": {"city":"Rome","days":2}}, {"fn": "search", "args": {"query":"a } b"}}]!!"""
        },
        {
            """<calls>{% for c in m.tool_calls %}[[{{ c.function.name }}{% for k, v in c.function.arguments.items() %} <p {{ k }}={{ v }}/>{% endfor %}]]{% endfor %}</calls>""",
            """<calls>[[get_weather <p city=Rome/> <p days=2/>]][[search <p query=a } b/>]]</calls>"""
        },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Calls_OfAnUnknownShape_AreReadBack(string calls, string answer)
    {
        var format = FormatOf(calls, "{{ m.content }}");

        Assert.Equal("derived", format.Calls!.Name);
        var whole = Parsed.Of(format, ["Yes. " + answer]);
        Assert.Equal(("Yes.", $"{Weather} {Search}"), (whole.Content, whole.Calls.Replace("\": ", "\":", StringComparison.Ordinal).Replace(", \"", ",\"", StringComparison.Ordinal)));

        // However it is cut.
        for (var cut = 1; cut < answer.Length; cut++)
            Assert.Equal(whole, Parsed.Of(format, ["Yes. " + answer[..cut], answer[cut..]]));
    }

    [Fact]
    public void Reasoning_AndMarkersOfContent_AreFound()
    {
        var format = FormatOf(
            """{% for c in m.tool_calls %}<do>{{ {'name': c.function.name, 'arguments': c.function.arguments}|tojson }}</do>{% endfor %}""",
            """{% if m.reasoning_content %}<ponder>{{ m.reasoning_content }}</ponder>{% endif %}<say>{{ m.content }}</say>""");

        Assert.Equal(new ReasoningFormat("<ponder>", "</ponder>"), format.Reasoning);
        Assert.Equal(new Parsed("Well, well.", "Hello.", ""), Parsed.Of(format, ["<ponder>Well, well.</ponder><say>Hello.</say>"]));
    }

    [Fact]
    public void Markers_ThatBeginAlike_AreWhole()
    {
        // The turn opens with a mark that a call has not, and both begin with the same two letters.
        var format = Create(
            "{% if tools %}{{ tools|tojson }}{% endif %}{% for m in messages %}<|start|>{{ m.role }}"
            + "{% if m.tool_calls %}{% for c in m.tool_calls %}<|invoke|>{{ {'name': c.function.name, 'arguments': c.function.arguments}|tojson }}<|done|>{% endfor %}"
            + "{% else %}<|message|>{{ m.content }}{% endif %}<|end|>{% endfor %}{% if add_generation_prompt %}<|start|>assistant<|message|>{% endif %}");

        Assert.Equal(("<|invoke|>", "<|done|>"), (format.Calls!.Open, format.Calls.Close));
        Assert.Equal(["<|message|>"], format.Noise);
    }

    [Theory]
    [InlineData("<bot><ponder>\n", "<bot>{{ m.reasoning_content }}</ponder>{{ m.content }}")]
    [InlineData("<bot>", "<bot>{{ m.reasoning_content }}{{ m.content }}")]
    [InlineData("<bot>", "<bot>{{ m.reasoning_content }}{{ '[' * 100000 }}")]
    [InlineData("<bot>", "<bot>")]
    public void Reasoning_WithoutMarksAroundIt_IsNone(string opening, string answer) =>
        Assert.Null(Create("{% for m in messages %}{% if m.role == 'user' %}<user>{{ m.content }}{% else %}" + answer + "{% endif %}{% endfor %}{% if add_generation_prompt %}" + opening + "{% endif %}").Reasoning);

    [Theory]
    [InlineData("""{% for c in m.tool_calls %}{{ '[' * 100000 }}{{ c.function.name }}{% endfor %}""")]
    [InlineData("""{% for c in m.tool_calls %}I call {{ c.function.name }} now.{% endfor %}""")]
    [InlineData("""{% for c in m.tool_calls %}{{ c.function.name }}{{ c.function.arguments|tojson }}{% endfor %}""")]
    [InlineData("""{% for c in m.tool_calls %}<do>{{ c.function.arguments|tojson }}{{ c.id }}{{ c.function.name }}</do>{% endfor %}""")]
    public void Calls_ThatCannotBeToldFromText_AreAskedForInWords(string calls) =>
        Assert.Same(OutputFormats.Fallback, FormatOf(calls, "{{ m.content }}").Calls);

    /// <summary>The shapes derived from the templates above.</summary>
    internal static IEnumerable<CallFormat> Derived => Shapes.Select(row => FormatOf(row.Data.Item1, "{{ m.content }}").Calls!);

    private static OutputFormat FormatOf(string calls, string content) => Create(
        "{% if tools %}{{ tools|tojson }}{% endif %}"
        + "{% for m in messages %}<|turn|>{{ m.role }}\n{% if m.tool_calls %}" + calls + "{% elif m.role == 'assistant' %}" + content + "{% else %}{{ m.content }}{% endif %}<|end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}");

    private static OutputFormat Create(string template) => new JinjaTemplate(template, new FakeTokenizer(300), TimeProvider.System).Format;
}
