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
        if (stated.Reasoning is { } told && (samples.Reasoned is not { } shown || !shown.Contains(SampleAnswers.Reasoning, StringComparison.Ordinal) || shown.Contains(told.Close, StringComparison.Ordinal)))
            reasoning = told;
        var derivedReasoning = reasoning is null ? FormatDeriver.Reasoning(samples) : null;
        return new OutputFormat
        {
            Reasoning = reasoning ?? derivedReasoning,
            Noise = isHarmony ? OutputFormats.HarmonyNoise
                : template.Source.Contains(OutputFormats.CohereNoise[0], StringComparison.Ordinal) ? OutputFormats.CohereNoise
                : known?.Name == "functionary" ? OutputFormats.FunctionaryNoise
                : derived is not null || derivedReasoning is not null ? FormatDeriver.Noise(samples) : [],
            Calls = known ?? derived ?? FindByMarker(template) ?? OutputFormats.Fallback,
        };
    }

    private static CallFormat? FindByRoundTrip(SampleAnswers samples)
    {
        if (samples.OneCall is not { } answer)
            return null;

        // A shape without marks counts where the answer begins with it: its frame must be known.
        var body = FormatDeriver.Body(samples, answer);
        foreach (var format in OutputFormats.Calls)
        {
            if (format.IsBare && body?.StartsWith(format.Open, StringComparison.Ordinal) != true)
                continue;
            if (ReadsBack(format, format.IsBare ? body! : answer, SampleAnswers.Name))
                return Refine(format, answer);
        }

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

    /// <summary>What the sample says beyond the shape: brackets, keys, and what ends a name. The shape itself where it says nothing.</summary>
    private static CallFormat Refine(CallFormat format, string answer)
    {
        var open = answer.IndexOf(format.Open, StringComparison.Ordinal);
        var from = open + (format.IsBare ? 0 : format.Open.Length);
        var name = answer.IndexOf(SampleAnswers.Name, StringComparison.Ordinal);
        if (format.Syntax != CallSyntax.Markup || open < 0 || name <= from)
            return format;

        var behind = answer[(name + SampleAnswers.Name.Length)..];
        var section = Skip(Skip(answer.AsSpan(from..name), format.CallOpen), format.Fence.Open);
        if (section is not ['{' or '[', ..])
        {
            var end = format.NameEnds.FirstOrDefault(end => behind.StartsWith(end, StringComparison.Ordinal));
            var rest = end is null or "{" ? behind : behind[end.Length..];
            return format with { NameEnd = end ?? format.NameEnd, HasJsonArguments = rest.TrimStart().StartsWith('{') };
        }

        var city = answer.IndexOf("\"city\"", StringComparison.Ordinal);
        var arguments = city < 0 ? -1 : answer.LastIndexOf('{', city);
        if (arguments < 0)
            return format;

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

    private static ReadOnlySpan<char> Skip(ReadOnlySpan<char> text, string marker)
    {
        text = text.TrimStart();
        return marker.Length > 0 && text.StartsWith(marker, StringComparison.Ordinal) ? text[marker.Length..].TrimStart() : text;
    }

    private static string? KeyBefore(string text)
    {
        var key = text.AsSpan().TrimEnd(" \n\t:");
        if (key.Length == text.Length || key is not [.., '"'])
            return null;

        key = key[..^1];
        return key[(key.LastIndexOf('"') + 1)..].ToString();
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
