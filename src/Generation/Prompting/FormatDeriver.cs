using System.Text;
using System.Text.Json;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>
/// Finds out a shape that is in no table from what the template itself writes: what stands around a name and arguments
/// that are known, and what changes when one call becomes two, are the markers. What comes out is a guess until it has
/// read the same calls back.
/// </summary>
internal static class FormatDeriver
{
    private const string CityKey = "city";
    private const string DaysKey = "days";

    /// <summary>The shape of calls; null where none can be made out.</summary>
    public static CallFormat? Calls(SampleAnswers samples)
    {
        if (samples.OneCall is not { } one || Body(samples, one) is not { } body || Core(body) is not { } core)
            return null;

        var format = core.Format;
        var (left, right) = (body[..core.Start], body[core.End..]);
        var (open, close) = (left, right);
        if (!core.IsList && samples.TwoCalls is { } two && Body(samples, two) is { } both)
        {
            // Up to the end of the first call both say the same.
            var second = both.IndexOf(SampleAnswers.SecondName, StringComparison.Ordinal) - core.NameOffset;
            if (second < core.End || !both.StartsWith(body[..core.End], StringComparison.Ordinal))
                return null;

            var between = both[core.End..second];
            if (Squeeze(between) != Squeeze(right + left))
            {
                var callOpen = left[^CommonSuffix(left, between)..];
                var callClose = right[..CommonPrefix(right, between[..^callOpen.Length])];
                if (between[callClose.Length..^callOpen.Length].Trim().Length > 0)
                    return null;

                (open, close) = (left[..^callOpen.Length], right[callClose.Length..]);
                format = format with { CallOpen = callOpen.Trim(), CallClose = callClose.Trim() };
            }
        }

        format = format with { Open = open.Trim(), Close = close.Trim() };
        if (format.Open.Length < 2 || (format.CallOpen.Length == 0) != (format.CallClose.Length == 0))
            return null;

        // Without parameters nothing stands behind the name but the end of the call.
        return format.NameEnds is [var first] && first == format.ParameterOpen
            ? format with { NameEnds = [first, format.CallClose.Length > 0 ? format.CallClose : format.Close] }
            : format;
    }

    /// <summary>What stands around reasoning; null where the template shows none.</summary>
    public static ReasoningFormat? Reasoning(SampleAnswers samples)
    {
        if (samples.Reasoned is not { } text || samples.Words is not { } words)
            return null;

        var from = text.IndexOf(SampleAnswers.Reasoning, StringComparison.Ordinal);
        var to = text.IndexOf(SampleAnswers.Content, StringComparison.Ordinal);
        if (from < 0 || to < from)
            return null;

        var start = Start(samples, text, words);
        var content = words.IndexOf(SampleAnswers.Content, StringComparison.Ordinal);
        if (start > from || content < start)
            return null;

        var open = text[start..from].Trim();
        var close = text[(from + SampleAnswers.Reasoning.Length)..to];

        // What stands before the content without reasoning as well is no end of it.
        var opener = words[start..content];
        close = (close.EndsWith(opener, StringComparison.Ordinal) ? close[..^opener.Length] : close).Trim();
        return open.Length < 2 || close.Length < 2 ? null : new ReasoningFormat(open, close);
    }

    /// <summary>What the template writes around the words of an answer that is no part of its turn's frame.</summary>
    public static IReadOnlyList<string> Noise(SampleAnswers samples)
    {
        if (samples.Words is not { } words || samples.OneCall is not { } calls)
            return [];

        var start = Start(samples, words, calls);
        var at = words.IndexOf(SampleAnswers.Content, StringComparison.Ordinal);
        if (at < start)
            return [];

        var tail = words[(at + SampleAnswers.Content.Length)..];
        string[] noise = [words[start..at].Trim(), tail[..^CommonMarkers(tail, calls)].Trim()];
        return [.. noise.Where(static marker => marker.Length > 2)];
    }

    /// <summary>The answer without the frame of its turn.</summary>
    public static string? Body(SampleAnswers samples, string answer)
    {
        if (samples.Words is not { } words)
            return null;

        var start = Start(samples, answer, words);
        var at = words.IndexOf(SampleAnswers.Content, StringComparison.Ordinal);
        var end = at < 0 ? 0 : CommonMarkers(words[(at + SampleAnswers.Content.Length)..], answer[start..]);
        return answer[start..^end].Trim();
    }

    /// <summary>
    /// Where an answer begins: behind what the template opens it with, or else where two answers part, but for the beginning
    /// of a marker that only happens to be the same.
    /// </summary>
    private static int Start(SampleAnswers samples, string answer, string other)
    {
        if (samples.Opening is { Length: > 0 } opening && answer.StartsWith(opening, StringComparison.Ordinal) && other.StartsWith(opening, StringComparison.Ordinal))
            return opening.Length;

        var common = answer.AsSpan(0, CommonPrefix(answer, other));
        var begun = common.LastIndexOfAny("<[");
        return begun > common.LastIndexOfAny(">]") ? begun : common.Length;
    }

    /// <summary>Length of the end that both have, without the part of a marker whose own end only happens to be the same.</summary>
    private static int CommonMarkers(string text, string other)
    {
        var length = CommonSuffix(text, other);
        if (length == text.Length)
            return length;

        var begin = text.AsSpan(text.Length - length).IndexOfAny("<[ \n");
        return begin < 0 ? 0 : length - begin;
    }

    private sealed record CoreCall(CallFormat Format, int Start, int End, int NameOffset, bool IsList);

    /// <summary>The part that a call itself fills: JSON, or a name with JSON or tagged parameters behind it.</summary>
    private static CoreCall? Core(string body)
    {
        var name = body.IndexOf(SampleAnswers.Name, StringComparison.Ordinal);
        if (name < 0)
            return null;

        var behind = name + SampleAnswers.Name.Length;
        if (FindJson(body, 0, text => text.Contains(SampleAnswers.Name, StringComparison.Ordinal)) is var (start, end) && start < name)
            return new CoreCall(new CallFormat("derived", "") { IsList = body[start] == '[' }, start, end, name - start, body[start] == '[');

        // An id of its own in the frame would be taken for a part of it.
        if (body.Contains(SampleAnswers.Id, StringComparison.Ordinal))
            return null;

        if (FindJson(body, behind, IsArguments) is var (from, to))
        {
            var nameEnd = body[behind..from];
            return new CoreCall(new CallFormat("derived", "") { NameEnds = [nameEnd.Trim() is { Length: > 0 } mark ? mark : nameEnd.Length > 0 ? nameEnd : "{"], HasJsonArguments = true }, name, to, 0, false);
        }

        return Tagged(body, name, behind);
    }

    private static CoreCall? Tagged(string body, int name, int behind)
    {
        var key = body.IndexOf(CityKey, behind, StringComparison.Ordinal);
        var value = key < 0 ? -1 : body.IndexOf(SampleAnswers.City, key, StringComparison.Ordinal);
        var nextKey = value < 0 ? -1 : body.IndexOf(DaysKey, value, StringComparison.Ordinal);
        var nextValue = nextKey < 0 ? -1 : body.IndexOf(SampleAnswers.Days, nextKey, StringComparison.Ordinal);
        if (nextValue < 0)
            return null;

        var toValue = body[(key + CityKey.Length)..value];
        var (first, between) = (body[behind..key], body[(value + SampleAnswers.City.Length)..nextKey]);
        var open = first[^CommonMarkers(between, first)..];
        var nameEnd = first[..^open.Length].Trim();
        var valueClose = between[..^open.Length].Trim();
        open = open.Trim();
        var rest = body[(nextValue + SampleAnswers.Days.Length)..];
        if (toValue != body[(nextKey + DaysKey.Length)..nextValue] || toValue.Trim().Length == 0 || open.Length == 0 || valueClose.Length == 0
            || !rest.TrimStart().StartsWith(valueClose, StringComparison.Ordinal))
            return null;

        var parts = toValue.Trim().Split((char[])['\n', ' '], 2, StringSplitOptions.TrimEntries);
        var end = body.Length - rest.Length + rest.IndexOf(valueClose, StringComparison.Ordinal) + valueClose.Length;
        return new CoreCall(
            new CallFormat("derived", "")
            {
                NameEnds = [nameEnd.Length > 0 ? nameEnd : open], ParameterOpen = open, KeyEnd = parts[0], ValueOpen = parts.Length > 1 ? parts[1] : "", ValueClose = valueClose,
            },
            name, end, 0, false);
    }

    /// <summary>The first JSON object or array from there on that passes.</summary>
    private static (int Start, int End)? FindJson(string text, int from, Func<string, bool> passes)
    {
        for (var at = text.AsSpan(from).IndexOfAny('{', '['); at >= 0; at = text.AsSpan(from).IndexOfAny('{', '['))
        {
            var start = from + at;
            if (ValueAt(text, start) is { } value && passes(value))
                return (start, start + value.Length);

            from = start + 1;
        }

        return null;
    }

    private static string? ValueAt(string text, int start)
    {
        var bytes = Encoding.UTF8.GetBytes(text[start..]);
        var reader = new Utf8JsonReader(bytes, isFinalBlock: true, default);
        try
        {
            return reader.Read() && reader.TrySkip() ? Encoding.UTF8.GetString(bytes, 0, (int)reader.BytesConsumed) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsArguments(string text)
    {
        using var actual = JsonDocument.Parse(text);
        using var expected = JsonDocument.Parse(SampleAnswers.Arguments);
        return JsonElement.DeepEquals(actual.RootElement, expected.RootElement);
    }

    private static string Squeeze(string text) => string.Concat(text.Where(static letter => !char.IsWhiteSpace(letter)));

    private static int CommonPrefix(string a, string b) => a.AsSpan().CommonPrefixLength(b);

    private static int CommonSuffix(string a, string b)
    {
        var length = 0;
        while (length < Math.Min(a.Length, b.Length) && a[^(length + 1)] == b[^(length + 1)])
            length++;

        return length;
    }
}
