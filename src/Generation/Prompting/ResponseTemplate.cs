using System.Text;
using System.Text.Json;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>
/// Reads how a model writes from what its makers say: the <c>response_template</c> of <c>tokenizer_config.json</c>
/// (transformers, "Response Parsing"), or a file of that form beside the model. Read are regions between literal marks, and
/// patterns that are literals with named groups and gaps; what goes beyond that is left to the chat template's own rendering.
/// </summary>
internal static class ResponseTemplate
{
    /// <summary>The parts that can be read; null parts where a field is missing or says too much.</summary>
    /// <exception cref="JsonException">The text is no JSON object with fields.</exception>
    public static (ReasoningFormat? Reasoning, CallFormat? Calls) Read(string json)
    {
        try
        {
            return ReadFields(json);
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("A text of the response template is none.", exception);
        }
    }

    private static (ReasoningFormat? Reasoning, CallFormat? Calls) ReadFields(string json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("fields", out var fields) || fields.ValueKind != JsonValueKind.Object)
            throw new JsonException("A response template is an object with 'fields'.");

        ReasoningFormat? reasoning = null;
        foreach (var name in (ReadOnlySpan<string>)["thinking", "reasoning_content", "reasoning"])
            if (reasoning is null && Field(fields, name) is { } field && Mark(field, "open") is { } open && Mark(field, "close") is { } close)
                reasoning = new ReasoningFormat(open, close);

        return (reasoning, Field(fields, "tool_calls") is { } calls ? ReadCalls(calls) : null);
    }

    private static CallFormat? ReadCalls(JsonElement field)
    {
        var (nameHolder, argumentsHolder) = Holders(field);
        var close = Mark(field, "close") ?? "";
        var content = Text(field, "content") ?? "text";
        if (Mark(field, "open") is { } open)
            return content != "json" ? null : new CallFormat("stated", open)
            {
                Close = close, NameKey = nameHolder, ArgumentsKey = argumentsHolder,
                IsList = field.TryGetProperty("transform_each", out var each) && each.ValueKind == JsonValueKind.True,
            };

        // The name stands in the opening, and the whole content is the arguments.
        if (Text(field, "open_pattern") is not { } pattern || Split(pattern) is not [var before, (var after, { } group)] || group != nameHolder || argumentsHolder != "content")
            return null;

        var openings = before.Literal.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var nameEnd = after.Replace("\0", "", StringComparison.Ordinal);
        if (openings.Length is not (1 or 2) || nameEnd.Length == 0)
            return null;

        var format = new CallFormat("stated", openings[0]) { NameEnds = [nameEnd], Close = close, HasJsonArguments = content == "json" };
        if (openings.Length == 2)
            format = format with { CallOpen = openings[1] };
        if (content == "json")
            return format;

        return content == "xml-inline" && field.TryGetProperty("content_args", out var arguments) && Text(arguments, "tag_pattern") is { } tag
            && Split(tag) is [var key, (var middle, "key"), (var end, "value")] && Plain(key.Literal) && Plain(middle) && Plain(end)
            ? format with { ParameterOpen = Whole(key.Literal), KeyEnd = Whole(middle), ValueClose = Whole(end) }
            : null;

        static bool Plain(string literal) => Whole(literal).Length > 0;

        static string Whole(string literal) => literal.Replace("\0", "", StringComparison.Ordinal);
    }

    /// <summary>Where name and arguments come from: keys of the content, groups of a pattern, or the content itself.</summary>
    private static (string Name, string Arguments) Holders(JsonElement field)
    {
        if (!field.TryGetProperty("transform", out var transform) || transform.ValueKind != JsonValueKind.Object)
            return ("name", "arguments");

        var function = transform.TryGetProperty("function", out var inner) ? inner : transform;
        return function.ValueKind == JsonValueKind.Object
            ? (Holder(function, "name"), Holder(function, "arguments"))
            : ("name", "arguments");

        static string Holder(JsonElement function, string key) =>
            Text(function, key) is ['{', .. var held, '}'] ? held : key;
    }

    /// <summary>
    /// A pattern as literals with the named group before each, the first without one; a gap is a NUL. Null where it has
    /// anything else.
    /// </summary>
    private static List<(string Literal, string? Group)>? Split(string pattern)
    {
        var parts = new List<(string Literal, string? Group)>();
        var literal = new StringBuilder();
        string? group = null;
        for (var at = 0; at < pattern.Length;)
        {
            var rest = pattern.AsSpan(at);
            if (Gap(rest) is > 0 and var length)
            {
                literal.Append('\0');
                at += length;
            }
            else if (rest.StartsWith("(?P<", StringComparison.Ordinal))
            {
                var end = at + rest.IndexOf(')');
                parts.Add((literal.ToString(), group));
                literal.Clear();
                group = rest[4..].IndexOf('>') is > 0 and var nameEnd ? rest[4..(4 + nameEnd)].ToString() : null;
                if (end < at || group is null || pattern.AsSpan(at + 1, end - at).Contains('('))
                    return null;

                at = end + 1;
            }
            else if (rest[0] == '\\' && rest.Length > 1)
            {
                if (char.IsAsciiLetterOrDigit(rest[1]) && rest[1] != 'n')
                    return null;

                literal.Append(rest[1] == 'n' ? '\n' : rest[1]);
                at += 2;
            }
            else if (".*+?()[]{}|^$".Contains(rest[0], StringComparison.Ordinal))
            {
                return null;
            }
            else
            {
                literal.Append(rest[0]);
                at++;
            }
        }

        parts.Add((literal.ToString(), group));
        return parts;
    }

    private static int Gap(ReadOnlySpan<char> pattern)
    {
        foreach (var gap in (ReadOnlySpan<string>)[@"\s*?", @"\s*", @"\s+", ".*?", ".*", @"\n?", @"\n*"])
            if (pattern.StartsWith(gap, StringComparison.Ordinal))
                return gap.Length;

        return 0;
    }

    private static JsonElement? Field(JsonElement fields, string name) =>
        fields.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Object ? field : null;

    /// <summary>A literal, or the first of a list of such.</summary>
    private static string? Mark(JsonElement field, string name) =>
        field.TryGetProperty(name, out var mark)
        && (mark.ValueKind == JsonValueKind.Array && mark.GetArrayLength() > 0 ? mark[0] : mark) is { ValueKind: JsonValueKind.String } first
        && first.GetString() is { Length: > 0 } text
            ? text
            : null;

    private static string? Text(JsonElement field, string name) =>
        field.ValueKind == JsonValueKind.Object && field.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
