using ModelRunner.Abstractions.Requests;
using ModelRunner.ChatTemplates;
using ModelRunner.ChatTemplates.Values;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>What a template makes of made-up answers: all that it writes behind the question.</summary>
internal sealed class SampleAnswers(ChatTemplate template, IReadOnlyDictionary<string, Value> tokens, TemplateAbilities abilities)
{
    public const string Content = "zq7words";
    public const string Reasoning = "zq7thought";
    public const string Name = "get_zq7weather";
    public const string SecondName = "put_zq7letter";
    public const string Id = "call12345";
    public const string City = "Zürich \"old\"";
    public const string Days = "3";
    public const string Arguments = """{"city":"Zürich \"old\"","days":3}""";

    private const string Question = "zq7question";
    private const string Parameters = """{"type":"object","properties":{"city":{"type":"string","description":"City"},"days":{"type":"integer","description":"Days"}},"required":["city"]}""";
    private const string Tools = $$$"""[{"type":"function","function":{"name":"{{{Name}}}","description":"Weather","parameters":{{{Parameters}}}}},{"type":"function","function":{"name":"{{{SecondName}}}","description":"Letter","parameters":{{{Parameters}}}}}]""";

    /// <summary>The tools of the samples.</summary>
    public static IReadOnlyList<ChatTool> Declared { get; } =
    [
        new(Name, JsonText.From(Parameters), false, default), new(SecondName, JsonText.From(Parameters), false, default),
    ];

    /// <summary>What the template opens an answer with.</summary>
    public string? Opening => Render(null);

    /// <summary>An answer of words; null where the template refuses.</summary>
    public string? Words => Render($$"""{"role":"assistant","content":{{Text(Content)}}}""");

    /// <summary>An answer of words behind reasoning, under every name that templates have for it.</summary>
    public string? Reasoned => Render(
        $$"""{"role":"assistant","content":{{Text(Content)}},"reasoning_content":"{{Reasoning}}","reasoning":"{{Reasoning}}","thinking":"{{Reasoning}}"}""");

    /// <summary>An answer of calls.</summary>
    public string? Calls(params IReadOnlyList<string> names)
    {
        var arguments = abilities.WantsTextArguments ? CallReader.Quote(Arguments) : Arguments;
        var calls = names.Select((name, i) =>
            $$"""{"id":"{{(i == 0 ? Id : "call67890")}}","type":"function","function":{"name":"{{name}}","arguments":{{arguments}} } }""");
        return Render($$"""{"role":"assistant","content":"","tool_calls":[{{string.Join(',', calls)}}]}""");
    }

    private string Text(string text) => abilities.WantsParts ? $$"""[{"type":"text","text":"{{text}}"}]""" : $"\"{text}\"";

    private string? Render(string? answer)
    {
        var user = $$"""{"role":"user","content":{{Text(Question)}}}""";
        var rendered = TemplateAbilities.TryRender(
            template, tokens, answer is null ? $"[{user}]" : $"[{user},{answer}]", Tools, addsGenerationPrompt: answer is null);

        // Markers of the roles stay around the answer.
        return rendered?.LastIndexOf(Question, StringComparison.Ordinal) is { } at and >= 0 ? rendered[(at + Question.Length)..] : null;
    }
}
