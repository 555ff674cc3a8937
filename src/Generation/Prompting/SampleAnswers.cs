using ModelRunner.Abstractions.Requests;
using ModelRunner.ChatTemplates;
using ModelRunner.ChatTemplates.Values;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>What a template makes of made-up answers: all that it writes behind the question. Null where it refuses.</summary>
internal sealed class SampleAnswers
{
    // They differ from their first letter on, so that where two answers part is where these begin.
    public const string Content = "words4zq";
    public const string Reasoning = "thoughts7zq";
    public const string Name = "get_zq7weather";
    public const string SecondName = "put_zq7letter";
    public const string Id = "call12345";
    public const string City = "Zürich \"old\"";
    public const string Days = "3";
    public const string Arguments = """{"city":"Zürich \"old\"","days":3}""";

    private const int LongestAnswer = 8192;
    private const string Question = "zq7question";
    private const string Parameters = """{"type":"object","properties":{"city":{"type":"string","description":"City"},"days":{"type":"integer","description":"Days"}},"required":["city"]}""";
    private const string Tools = $$$"""[{"type":"function","function":{"name":"{{{Name}}}","description":"Weather","parameters":{{{Parameters}}}}},{"type":"function","function":{"name":"{{{SecondName}}}","description":"Letter","parameters":{{{Parameters}}}}}]""";

    /// <summary>The tools of the samples.</summary>
    public static IReadOnlyList<ChatTool> Declared { get; } =
    [
        new(Name, JsonText.From(Parameters), false, default), new(SecondName, JsonText.From(Parameters), false, default),
    ];

    private readonly ChatTemplate _template;
    private readonly IReadOnlyDictionary<string, Value> _tokens;
    private readonly TemplateAbilities _abilities;

    public SampleAnswers(ChatTemplate template, IReadOnlyDictionary<string, Value> tokens, TemplateAbilities abilities)
    {
        (_template, _tokens, _abilities) = (template, tokens, abilities);
        Opening = Render(null);
        Words = Render($$"""{"role":"assistant","content":{{Text(Content)}}}""");
        Reasoned = Render(
            $$"""{"role":"assistant","content":{{Text(Content)}},"reasoning_content":"{{Reasoning}}","reasoning":"{{Reasoning}}","thinking":"{{Reasoning}}"}""");
        OneCall = abilities.HasToolCalls ? RenderCalls(Name) : null;
        TwoCalls = abilities.HasParallelCalls ? RenderCalls(Name, SecondName) : null;
    }

    /// <summary>What the template opens an answer with.</summary>
    public string? Opening { get; }

    /// <summary>An answer of words.</summary>
    public string? Words { get; }

    /// <summary>An answer of words behind reasoning, under every name that templates have for it.</summary>
    public string? Reasoned { get; }

    /// <summary>An answer of a call.</summary>
    public string? OneCall { get; }

    /// <summary>An answer of two calls, with the same arguments.</summary>
    public string? TwoCalls { get; }

    private string? RenderCalls(params IReadOnlyList<string> names)
    {
        var arguments = _abilities.WantsTextArguments ? CallReader.Quote(Arguments) : Arguments;
        var calls = names.Select((name, i) =>
            $$"""{"id":"{{(i == 0 ? Id : "call67890")}}","type":"function","function":{"name":"{{name}}","arguments":{{arguments}} } }""");
        return Render($$"""{"role":"assistant","content":"","tool_calls":[{{string.Join(',', calls)}}]}""");
    }

    private string Text(string text) => _abilities.WantsParts ? $$"""[{"type":"text","text":"{{text}}"}]""" : $"\"{text}\"";

    private string? Render(string? answer)
    {
        var user = $$"""{"role":"user","content":{{Text(Question)}}}""";
        var rendered = TemplateAbilities.TryRender(
            _template, _tokens, answer is null ? $"[{user}]" : $"[{user},{answer}]", Tools, addsGenerationPrompt: answer is null);

        // Markers of the roles stay around the answer. One that is longer than any marker is no sample of how a model writes.
        return rendered?.LastIndexOf(Question, StringComparison.Ordinal) is { } at and >= 0 && rendered.Length - at <= LongestAnswer
            ? rendered[(at + Question.Length)..]
            : null;
    }
}
