using System.Text.Json;
using ModelRunner.Abstractions.Requests;
using ModelRunner.ChatTemplates;
using ModelRunner.ChatTemplates.Values;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>
/// Finds how a model writes: the template renders an answer with calls, and the shape that reads the same calls back
/// is the model's, be it one of the known or one derived from the rendering.
/// </summary>
internal static class FormatDetector
{
    /// <param name="template">The chat template.</param>
    /// <param name="tokens">Texts of tokens that it reads.</param>
    /// <param name="abilities">What it can do.</param>
    /// <param name="responseTemplate">JSON in which the model says how it writes; null for nothing.</param>
    /// <exception cref="JsonException">That is no such JSON.</exception>
    public static OutputFormat Detect(
        ChatTemplate template, IReadOnlyDictionary<string, Value> tokens, TemplateAbilities abilities, string? responseTemplate)
    {
        var isHarmony = template.Source.Contains("<|channel|>", StringComparison.Ordinal);
        var samples = new SampleAnswers(template, tokens, abilities);
        var reasoning = OutputFormats.Reasonings.FirstOrDefault(format =>
            (isHarmony || format.Open != OutputFormats.Reasonings[0].Open)
            && (isHarmony || template.Source.Contains(format.Open, StringComparison.Ordinal) || template.Source.Contains(format.Close, StringComparison.Ordinal)));
        var stated = responseTemplate is null ? default : ResponseTemplate.Read(responseTemplate);
        var known = abilities.HasTools && stated.Calls is not null && Confirm(stated.Calls, samples) is { } confirmed ? confirmed
            : !abilities.HasTools ? OutputFormats.Fallback
            : isHarmony ? OutputFormats.Calls[0]
            : FindByRoundTrip(samples);
        var derived = known is null ? Derive(samples) : null;
        reasoning = stated.Reasoning ?? reasoning;
        var derivedReasoning = reasoning is null ? FormatDeriver.Reasoning(samples) : null;
        return new OutputFormat
        {
            Reasoning = reasoning ?? derivedReasoning,
            Noise = isHarmony ? OutputFormats.HarmonyNoise
                : template.Source.Contains(OutputFormats.CohereNoise[0], StringComparison.Ordinal) ? OutputFormats.CohereNoise
                : derived is not null || derivedReasoning is not null ? FormatDeriver.Noise(samples) : [],
            Calls = known ?? derived ?? FindByMarker(template) ?? OutputFormats.Fallback,
        };
    }

    private static CallFormat? FindByRoundTrip(SampleAnswers samples)
    {
        if (samples.OneCall is not { } answer)
            return null;

        foreach (var format in OutputFormats.Calls)
            if (ReadsBack(format, format.IsBare ? FromBrace(answer, format.Open) : answer, SampleAnswers.Name))
                return Refine(format, answer);

        return null;
    }

    /// <summary>What the model states, unless its own template writes otherwise.</summary>
    private static CallFormat? Confirm(CallFormat stated, SampleAnswers samples)
    {
        if (samples.OneCall is not { } answer)
            return stated;

        return answer.Contains(stated.Open, StringComparison.Ordinal) && Refine(stated, answer) is var format && ReadsBack(format, answer, SampleAnswers.Name) ? format : null;
    }

    /// <summary>A shape that is in no table, when it reads one call back, and two where the template writes two.</summary>
    private static CallFormat? Derive(SampleAnswers samples)
    {
        if (samples.OneCall is not { } answer || FormatDeriver.Calls(samples) is not { } guess)
            return null;

        var format = Refine(guess, answer);
        return ReadsBack(format, answer, SampleAnswers.Name)
            && (samples.TwoCalls is not { } two || ReadsBack(format, two, SampleAnswers.Name, SampleAnswers.SecondName))
            ? format
            : null;
    }

    /// <summary>What the sample says beyond the shape: brackets, keys, and what ends a name.</summary>
    private static CallFormat Refine(CallFormat format, string answer)
    {
        var from = answer.IndexOf(format.Open, StringComparison.Ordinal) + (format.IsBare ? 0 : format.Open.Length);
        var name = answer.IndexOf(SampleAnswers.Name, StringComparison.Ordinal);
        var behind = answer[(name + SampleAnswers.Name.Length)..];
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
        var late = answer.IndexOf($"\"{SampleAnswers.Id}\"", name, StringComparison.Ordinal);
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

    private static bool ReadsBack(CallFormat format, string answer, params ReadOnlySpan<string> expected)
    {
        var parser = new OutputParser(new OutputFormat { Calls = format }, SampleAnswers.Declared, startsInReasoning: false);
        var names = new List<string>();
        var arguments = new List<string>();
        foreach (var item in parser.Push(answer).ToList().Concat(parser.Finish()))
        {
            if (item.Kind == ChatUpdateKind.ToolCallStart)
            {
                names.Add(item.Call!.Name);
                arguments.Add("");
            }
            else if (item.Kind == ChatUpdateKind.ToolCallArguments)
            {
                arguments[item.CallIndex] += item.Text;
            }
        }

        return expected.SequenceEqual(names.ToArray()) && arguments.TrueForAll(IsSample);
    }

    private static bool IsSample(string arguments)
    {
        try
        {
            using var actual = JsonDocument.Parse(arguments);
            using var sample = JsonDocument.Parse(SampleAnswers.Arguments);
            return JsonElement.DeepEquals(actual.RootElement, sample.RootElement);
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
