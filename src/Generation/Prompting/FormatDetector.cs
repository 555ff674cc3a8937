using System.Text.Json;
using ModelRunner.Abstractions.Requests;
using ModelRunner.ChatTemplates;
using ModelRunner.ChatTemplates.Values;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>
/// Finds how a model writes: the template renders an answer with calls, and the shape that reads the same calls back
/// is the model's.
/// </summary>
internal static class FormatDetector
{
    private const string User = "zq7question";
    private const string Name = "get_zq7weather";
    private const string Id = "call12345";
    private const string Arguments = """{"city":"Zürich \"old\"","days":3}""";
    private const string Tools = """[{"type":"function","function":{"name":"get_zq7weather","description":"Weather","parameters":{"type":"object","properties":{"city":{"type":"string","description":"City"},"days":{"type":"integer","description":"Days"}},"required":["city"]}}}]""";

    private static readonly ChatTool[] Declared =
    [
        new("get_zq7weather", JsonText.From("""{"properties":{"city":{"type":"string"},"days":{"type":"integer"}}}"""), false, default),
    ];

    public static OutputFormat Detect(ChatTemplate template, IReadOnlyDictionary<string, Value> tokens, TemplateAbilities abilities)
    {
        var isHarmony = template.Source.Contains("<|channel|>", StringComparison.Ordinal);
        var reasoning = OutputFormats.Reasonings.FirstOrDefault(format =>
            (isHarmony || format.Open != OutputFormats.Reasonings[0].Open)
            && (isHarmony || template.Source.Contains(format.Open, StringComparison.Ordinal) || template.Source.Contains(format.Close, StringComparison.Ordinal)));
        return new OutputFormat
        {
            Reasoning = reasoning,
            Noise = isHarmony ? OutputFormats.HarmonyNoise
                : template.Source.Contains(OutputFormats.CohereNoise[0], StringComparison.Ordinal) ? OutputFormats.CohereNoise : [],
            Calls = !abilities.HasTools ? OutputFormats.Fallback
                : isHarmony ? OutputFormats.Calls[0]
                : FindByRoundTrip(template, tokens, abilities) ?? FindByMarker(template) ?? OutputFormats.Fallback,
        };
    }

    private static CallFormat? FindByRoundTrip(ChatTemplate template, IReadOnlyDictionary<string, Value> tokens, TemplateAbilities abilities)
    {
        if (!abilities.HasToolCalls)
            return null;

        var content = abilities.WantsParts ? $$"""[{"type":"text","text":"{{User}}"}]""" : $"\"{User}\"";
        var arguments = abilities.WantsTextArguments ? CallReader.Quote(Arguments) : Arguments;
        var user = $$"""{"role":"user","content":{{content}}}""";
        var call = $$"""{"role":"assistant","content":"","tool_calls":[{"id":"{{Id}}","type":"function","function":{"name":"get_zq7weather","arguments":{{arguments}} } }]}""";
        if (TemplateAbilities.TryRender(template, tokens, $"[{user},{call}]", Tools, addsGenerationPrompt: false) is not { } rendered)
            return null;

        // What follows the question is the answer: markers of the roles stay around it as content.
        var start = rendered.LastIndexOf(User, StringComparison.Ordinal);
        if (start < 0)
            return null;

        var answer = rendered[(start + User.Length)..];
        foreach (var format in OutputFormats.Calls)
            if (ReadsBack(format, format.IsBare ? FromBrace(answer, format.Open) : answer))
                return Refine(format, answer);

        return null;
    }

    /// <summary>What the sample says beyond the shape: brackets, keys, and what ends a name.</summary>
    private static CallFormat Refine(CallFormat format, string answer)
    {
        var from = answer.IndexOf(format.Open, StringComparison.Ordinal) + (format.IsBare ? 0 : format.Open.Length);
        var name = answer.IndexOf(Name, StringComparison.Ordinal);
        var behind = answer[(name + Name.Length)..];
        var section = answer[from..name].AsSpan().TrimStart();
        if (section.StartsWith(format.Fence.Open, StringComparison.Ordinal) && format.Fence.Open.Length > 0)
            section = section[format.Fence.Open.Length..].TrimStart();

        if (format.Syntax != CallSyntax.Markup)
            return format;

        if (section is not ['{' or '[', ..])
        {
            var end = format.NameEnds.FirstOrDefault(end => behind.StartsWith(end, StringComparison.Ordinal));
            var rest = end is null or "{" ? behind : behind[end.Length..];
            return format with { NameEnd = end ?? format.NameEnd, HasJsonArguments = rest.TrimStart().StartsWith('{') };
        }

        var arguments = answer.LastIndexOf('{', answer.IndexOf("\"city\"", StringComparison.Ordinal));
        var late = answer.IndexOf($"\"{Id}\"", name, StringComparison.Ordinal);
        return format with
        {
            IsList = section[0] == '[',
            NameKey = KeyBefore(answer[..(name - 1)]) ?? format.NameKey,
            ArgumentsKey = KeyBefore(answer[..arguments]) ?? format.ArgumentsKey,
            IdKey = (late < 0 ? null : KeyBefore(answer[..late])) ?? format.IdKey,
            HasLateId = format.HasLateId || late > 0,
        };
    }

    private static string? KeyBefore(string text)
    {
        var key = text.AsSpan().TrimEnd(" \n\t:");
        if (key.Length == text.Length || key is not [.., '"'])
            return null;

        key = key[..^1];
        return key[(key.LastIndexOf('"') + 1)..].ToString();
    }

    private static string FromBrace(string answer, string open)
    {
        var at = answer.IndexOf(open, StringComparison.Ordinal);
        return at < 0 ? "" : answer[at..];
    }

    private static bool ReadsBack(CallFormat format, string answer)
    {
        var parser = new OutputParser(new OutputFormat { Calls = format }, Declared, startsInReasoning: false);
        var names = new List<string>();
        var arguments = "";
        foreach (var item in parser.Push(answer).ToList().Concat(parser.Finish()))
        {
            if (item.Kind == ChatUpdateKind.ToolCallStart)
                names.Add(item.Call!.Name);
            else if (item.Kind == ChatUpdateKind.ToolCallArguments)
                arguments += item.Text;
        }

        if (names is not ["get_zq7weather"])
            return false;

        try
        {
            using var actual = JsonDocument.Parse(arguments);
            using var expected = JsonDocument.Parse(Arguments);
            return JsonElement.DeepEquals(actual.RootElement, expected.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static CallFormat? FindByMarker(ChatTemplate template) =>
        OutputFormats.Calls.FirstOrDefault(format =>
            format.Open.Length > 3
            && template.Source.Contains(format.Open, StringComparison.Ordinal)
            && (format.CallOpen.Length == 0 || template.Source.Contains(format.CallOpen, StringComparison.Ordinal)));
}
