using System.Text;
using System.Text.Json;
using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;
using ModelRunner.Grammars.Schema;

namespace ModelRunner.Grammars.Languages;

/// <summary>
/// Free text in which JSON begins at given words, as calls of tools do: once such a word has come, whatever tokens it
/// was made of, nothing but its schema can follow.
/// </summary>
internal static class PartsGrammar
{
    public static Grammar Compile(JsonElement source, GrammarLimits limits, SchemaOptions options)
    {
        if (source.ValueKind != JsonValueKind.Object || !source.TryGetProperty("parts", out var parts)
            || parts.ValueKind != JsonValueKind.Array || parts.GetArrayLength() == 0)
            throw new GrammarSyntaxException("The grammar must have 'parts': an array that is not empty.");

        var grammar = new Grammar(limits);
        var rx = grammar.Rx;
        var text = new TextEncoding(rx, isJson: false, isMarked: false);
        var begins = parts.EnumerateArray().Select(part => rx.Literal(Bytes(part, "begin"))).ToArray();
        if (Array.Exists(begins, static begin => begin.IsEpsilon))
            throw new GrammarSyntaxException("A part must have a 'begin' that is not empty.");

        // Text without any beginning in it, and text up to the first one.
        var any = rx.Or(begins);
        var free = rx.Except(text.AnyText, rx.Concat(text.AnyText, any, text.AnyText));
        var before = rx.Except(text.AnyText, rx.Concat(text.AnyText, any, text.AnyText, text.AnyChar));
        var isRequired = IsSet(source, "required");
        var isOnce = IsSet(source, "once");
        var root = grammar.Register(new Rule());
        var rest = grammar.Register(new Rule());
        var last = grammar.Register(new Rule());
        last.Alternatives = [grammar.Sequence(grammar.GetTerminal(rx.Except(free, rx.Epsilon))), null];
        last.MarkNullable();
        var first = new List<Body?>();
        var later = new List<Body?> { grammar.Sequence(last) };
        var index = 0;
        foreach (var part in parts.EnumerateArray())
        {
            var begin = begins[index++];
            var value = part.TryGetProperty("schema", out var schema)
                ? SchemaCompiler.AddTo(grammar, schema, options)
                : throw new GrammarSyntaxException("A part must have a 'schema'.");
            var end = rx.Literal(Bytes(part, "end"));
            Symbol[] behind = end.IsEpsilon ? [value] : [value, grammar.GetTerminal(end)];
            var next = isOnce ? last : rest;
            first.Add(grammar.Sequence([grammar.GetTerminal(begin), .. behind, next]));
            later.Add(grammar.Sequence([grammar.GetTerminal(rx.And(before, rx.Concat(text.AnyText, begin))), .. behind, next]));
        }

        rest.Alternatives = [.. later];
        rest.MarkNullable();
        root.Alternatives = isRequired ? [.. first] : [.. later];
        if (!isRequired)
            root.MarkNullable();

        grammar.Root = root;
        return grammar;
    }

    private static byte[] Bytes(JsonElement part, string name) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? Encoding.UTF8.GetBytes(value.GetString()!)
            : throw new GrammarSyntaxException($"A part must have '{name}': a string.");

    private static bool IsSet(JsonElement source, string name) =>
        source.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
