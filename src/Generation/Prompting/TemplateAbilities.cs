using ModelRunner.Abstractions.Requests;
using ModelRunner.ChatTemplates;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.Generation.Prompting;

/// <summary>What a template can do, found out by rendering it with texts that must come out again.</summary>
internal sealed record TemplateAbilities
{
    private const string Needle = "zq7needle";

    // Nothing that templates write depends on the day, as far as abilities go.
    private static readonly DateTimeOffset Day = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>System messages show.</summary>
    public bool HasSystem { get; init; }

    /// <summary>Developer messages show under their own role.</summary>
    public bool HasDeveloper { get; init; }

    /// <summary>The tools of the request show.</summary>
    public bool HasTools { get; init; }

    /// <summary>Calls of earlier answers show.</summary>
    public bool HasToolCalls { get; init; }

    /// <summary>Several calls in one message show.</summary>
    public bool HasParallelCalls { get; init; }

    /// <summary>Messages of tools show.</summary>
    public bool HasToolRole { get; init; }

    /// <summary>Arguments are wanted as JSON text; otherwise as values.</summary>
    public bool WantsTextArguments { get; init; }

    /// <summary>Content is wanted in parts.</summary>
    public bool WantsParts { get; init; }

    /// <summary>The content of a message with calls may be null.</summary>
    public bool HasNullContent { get; init; }

    /// <summary>Tries everything: a dozen renderings.</summary>
    public static TemplateAbilities Probe(ChatTemplate template, IReadOnlyDictionary<string, Value> tokens)
    {
        var abilities = new TemplateAbilities
        {
            WantsParts = !Shows($$"""[{"role":"user","content":"{{Needle}}"}]""")
                && Shows($$"""[{"role":"user","content":[{"type":"text","text":"{{Needle}}"}]}]"""),
        };
        string Content(string text) => abilities.WantsParts ? $$"""[{"type":"text","text":"{{text}}"}]""" : $"\"{text}\"";
        var user = $$"""{"role":"user","content":{{Content("hi")}}}""";
        const string Tools = """[{"type":"function","function":{"name":"zq7needle","description":"d","parameters":{"type":"object","properties":{"city":{"type":"string","description":"c"}},"required":["city"]}}}]""";
        string Call(string arguments, string content = "\"\"", string more = "") =>
            $$"""{"role":"assistant","content":{{content}},"tool_calls":[{"id":"call00001","type":"function","function":{"name":"tool_name","arguments":{{arguments}} } }{{more}}]}""";
        var asValues = """{"city":"zq7needle"}""";
        var asText = """ "{\"city\":\"zq7needle\"}" """;
        var values = Render($"[{user},{Call(asValues)}]", Tools);
        var text = Render($"[{user},{Call(asText)}]", Tools);

        // Values printed as they are would be Python's text of a dictionary.
        var wantsText = text?.Contains("{\"city\":\"" + Needle + "\"}", StringComparison.Ordinal) == true
            && (values?.Contains(Needle, StringComparison.Ordinal) != true || values.Contains($"'{Needle}'", StringComparison.Ordinal));
        var arguments = wantsText ? asText : asValues;
        return abilities with
        {
            HasSystem = Shows($$"""[{"role":"system","content":{{Content(Needle)}}},{{user}}]"""),
            HasDeveloper = Shows($$"""[{"role":"developer","content":{{Content(Needle)}}},{{user}}]"""),
            HasTools = Shows($"[{user}]", Tools),
            HasToolCalls = Calls(values) || Calls(text),
            HasParallelCalls = Render($"[{user},{Call(arguments, more: $$""",{"id":"call00002","type":"function","function":{"name":"second_tool","arguments":{{arguments}} } }""")}]", Tools)
                ?.Contains("second_tool", StringComparison.Ordinal) == true,
            HasToolRole = Shows($$"""[{{user}},{{Call(arguments.Replace(Needle, "x", StringComparison.Ordinal))}},{"role":"tool","tool_call_id":"call00001","name":"tool_name","content":{{Content(Needle)}}}]"""),
            WantsTextArguments = wantsText,
            HasNullContent = Calls(Render($"[{user},{Call(arguments, "null")}]", Tools)),
        };

        static bool Calls(string? rendered) => rendered?.Contains("tool_name", StringComparison.Ordinal) == true;

        bool Shows(string messages, string? tools = null) =>
            Render(messages, tools)?.Contains(Needle, StringComparison.Ordinal) == true;

        string? Render(string messages, string? tools) => TryRender(template, tokens, messages, tools, addsGenerationPrompt: true);
    }

    /// <summary>The text, or null where the template refuses.</summary>
    public static string? TryRender(
        ChatTemplate template,
        IReadOnlyDictionary<string, Value> tokens,
        string messages,
        string? tools,
        bool addsGenerationPrompt)
    {
        var variables = new Dictionary<string, Value>(tokens)
        {
            ["messages"] = Value.FromJson(JsonText.From(messages)),
            ["add_generation_prompt"] = Value.From(addsGenerationPrompt),
        };
        if (tools is not null)
            variables["tools"] = Value.FromJson(JsonText.From(tools));

        try
        {
            return template.Render(variables, Day).Text;
        }
        catch (TemplateException)
        {
            return null;
        }
    }
}
