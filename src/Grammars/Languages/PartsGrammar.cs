using System.Text;
using System.Text.Json;
using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Languages;

/// <summary>
/// Free text in which parts begin at a given word, as calls of tools do: once that word has come, whatever tokens it
/// was made of, nothing but what belongs behind it can follow.
/// </summary>
internal static class PartsGrammar
{
    private const int MaxSpaces = 8;

    public static Grammar Compile(JsonElement source, GrammarLimits limits, SchemaOptions options)
    {
        if (source.ValueKind != JsonValueKind.Object || !source.TryGetProperty("rest", out var rest)
            || !source.TryGetProperty("begin", out var word) || word.ValueKind != JsonValueKind.String || word.GetString() is not { Length: > 0 } text)
            throw new GrammarSyntaxException("The grammar must have a 'begin' that is not empty, and a 'rest'.");

        var grammar = new Grammar(limits);
        var compiler = new PartCompiler(grammar, options);
        var begin = grammar.Rx.Literal(Encoding.UTF8.GetBytes(text));
        var part = compiler.Sequence([grammar.GetTerminal(begin), compiler.Lower(rest)]);
        var content = source.TryGetProperty("content", out var given) ? compiler.Lower(given) : null;
        var isOnce = IsSet(source, "once");
        grammar.Root =
            content is not null ? compiler.Any([content, Parts(compiler, part, isOnce)])
            : IsSet(source, "required") ? Parts(compiler, part, isOnce)
            : IsSet(source, "first") ? compiler.Any([compiler.Sequence([Spaces(compiler), Parts(compiler, part, isOnce)]), compiler.Maybe(grammar.GetTerminal(WithoutStart(compiler, begin)))])
            : InText(compiler, begin, compiler.Lower(rest), isOnce);
        return grammar;
    }

    private static Nonterminal Parts(PartCompiler compiler, Nonterminal part, bool isOnce) =>
        isOnce ? part : compiler.Some(part, Spaces(compiler));

    private static Symbol? Spaces(PartCompiler compiler) => compiler.Pattern($"[ \\t\\r\\n]{{0,{MaxSpaces}}}");

    /// <summary>Texts that do not begin with a word, nor with spaces and the word.</summary>
    private static Rx WithoutStart(PartCompiler compiler, Rx begin)
    {
        var rx = compiler.Rx;
        var spaces = rx.Star(rx.Set(ByteSet.Of(" \t\r\n")));
        return rx.And(compiler.Text.AnyText, rx.Not(rx.Or(rx.Epsilon, rx.Concat(spaces, begin, compiler.Text.AnyText))));
    }

    private static Rule InText(PartCompiler compiler, Rx begin, Symbol? behind, bool isOnce)
    {
        var (grammar, rx, any) = (compiler.Grammar, compiler.Rx, compiler.Text.AnyText);

        // Text without the word in it, and text up to the first one.
        var free = rx.Except(any, rx.Concat(any, begin, any));
        var before = rx.Except(rx.Concat(any, begin), rx.Concat(any, begin, any, compiler.Text.AnyChar));
        var last = compiler.Maybe(grammar.GetTerminal(rx.Except(free, rx.Epsilon)));
        var root = grammar.Register(new Rule());
        root.Alternatives =
        [
            grammar.Sequence(last),
            compiler.Body([grammar.GetTerminal(before), behind, isOnce ? last : root]),
        ];
        root.MarkNullable();
        return root;
    }

    private static bool IsSet(JsonElement source, string name) =>
        source.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
