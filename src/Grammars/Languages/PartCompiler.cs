using System.Text;
using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;
using ModelRunner.Grammars.Schema;

namespace ModelRunner.Grammars.Languages;

/// <summary>What must follow the beginning of a part, from its JSON to symbols. A null symbol is the empty text.</summary>
internal sealed class PartCompiler(Grammar grammar, SchemaOptions options)
{
    private static readonly JsonElement AnyObject = JsonDocument.Parse("""{"type":"object"}""").RootElement;

    public Grammar Grammar => grammar;

    public RxBuilder Rx => grammar.Rx;

    public TextEncoding Text { get; } = new(grammar.Rx, isJson: false, isMarked: false);

    public Symbol? Lower(JsonElement node)
    {
        switch (node.ValueKind)
        {
            case JsonValueKind.String:
                return Of(Rx.Literal(Encoding.UTF8.GetBytes(node.GetString()!)));
            case JsonValueKind.Array:
                return Sequence([.. node.EnumerateArray().Select(Lower)]);
            case JsonValueKind.Object when node.TryGetProperty("schema", out var schema):
                return Schema(node, schema);
            case JsonValueKind.Object when node.TryGetProperty("until", out var marker):
                return Grammar.GetTerminal(Until(node, marker.GetString()!));
            case JsonValueKind.Object when node.TryGetProperty("pattern", out var pattern):
                return Pattern(pattern.GetString()!);
            case JsonValueKind.Object when node.TryGetProperty("any", out var items):
                return Any([.. items.EnumerateArray().Select(Lower)]);
            case JsonValueKind.Object when node.TryGetProperty("maybe", out var item):
                return Maybe(Lower(item));
            case JsonValueKind.Object when node.TryGetProperty("some", out var item):
                return Some(Lower(item), node.TryGetProperty("between", out var between) ? Lower(between) : null);
            default:
                throw new GrammarSyntaxException("A part has a rest that nothing is known of.");
        }
    }

    public Symbol? Pattern(string pattern) => Of(new PatternCompiler(Rx, Text).Match(pattern));

    /// <summary>The symbols one after the other.</summary>
    public Body? Body(params IEnumerable<Symbol?> symbols) => Grammar.Sequence([.. symbols.OfType<Symbol>()]);

    public Nonterminal Sequence(params Symbol?[] symbols) => Rule([Body(symbols)], symbols.All(IsNullable));

    public Nonterminal Any(params Symbol?[] symbols) => Rule([.. symbols.Select(symbol => Body(symbol))], symbols.Any(IsNullable));

    public Nonterminal Maybe(Symbol? symbol) => Rule([Body(symbol), null], isNullable: true);

    public Nonterminal Some(Symbol? symbol, Symbol? between)
    {
        var more = Grammar.Register(new Rule());
        more.Alternatives = [Body(between, symbol, more), null];
        more.MarkNullable();
        return Rule([Body(symbol, more)], IsNullable(symbol));
    }

    private Rule Rule(Body?[] alternatives, bool isNullable)
    {
        var rule = Grammar.Register(new Rule { Alternatives = [.. alternatives.Distinct()] });
        if (isNullable)
            rule.MarkNullable();

        return rule;
    }

    private static bool IsNullable(Symbol? symbol) => symbol is null or Nonterminal { IsNullable: true };

    // Terminals are not empty texts.
    private Symbol? Of(Rx language)
    {
        var some = language.IsNullable ? Rx.Except(language, Rx.Epsilon) : language;
        if (Rx.IsEmpty(some))
            return language.IsNullable ? null : throw new GrammarSyntaxException("No text matches a pattern of a part.");

        var terminal = Grammar.GetTerminal(some);
        return language.IsNullable ? Maybe(terminal) : terminal;
    }

    private Nonterminal Schema(JsonElement node, JsonElement schema)
    {
        try
        {
            return SchemaCompiler.AddTo(Grammar, schema, options);
        }
        catch (Exception exception) when (exception is SchemaException or RegexSyntaxException)
        {
            if (node.TryGetProperty("orAny", out var orAny) && orAny.ValueKind == JsonValueKind.True)
                return SchemaCompiler.AddTo(Grammar, AnyObject, options);

            var parameter = node.TryGetProperty("parameter", out var name) ? name.GetString() : null;
            throw new InvalidRequestException(exception.Message, parameter);
        }
    }

    private Rx Until(JsonElement node, string marker)
    {
        var end = Rx.Literal(Encoding.UTF8.GetBytes(marker));
        var value = Bound(node);
        return value is null
            ? PreambleGrammar.UpTo(Rx, marker)
            : Rx.Concat(Rx.Except(value, Rx.Concat(Text.AnyText, end, Text.AnyText)), end);
    }

    /// <summary>The texts that are allowed; null for all. A newline on either side may be markup, not text.</summary>
    private Rx? Bound(JsonElement node)
    {
        Rx? value = null;
        if (node.TryGetProperty("choices", out var choices))
            value = Rx.Or([.. choices.EnumerateArray().Select(choice => Rx.Literal(Encoding.UTF8.GetBytes(choice.GetString()!)))]);

        if (node.TryGetProperty("pattern", out var pattern))
            value = And(value, new PatternCompiler(Rx, Text).Search(pattern.GetString()!));

        if (node.TryGetProperty("format", out var format) && Formats.Find(format.GetString()!) is { } known)
            value = And(value, new PatternCompiler(Rx, Text).Match(known));

        var (min, max) = (Count(node, "minLength", 0), Count(node, "maxLength", Regex.Rx.Unbounded));
        if (min > 0 || max < Regex.Rx.Unbounded)
            value = And(value, Rx.Repeat(Text.AnyChar, min, max));

        if (value is null || !(node.TryGetProperty("padded", out var padded) && padded.ValueKind == JsonValueKind.True))
            return value;

        var newline = Rx.Literal("\n"u8);
        value = Rx.And(
            value,
            Rx.Not(Rx.Concat(newline, Text.AnyText)),
            Rx.Not(Rx.Concat(Text.AnyText, newline)));
        return Rx.Concat(Rx.Optional(newline), value, Rx.Optional(newline));
    }

    private Rx And(Rx? known, Rx more) => known is null ? more : Rx.And(known, more);

    private static int Count(JsonElement node, string name, int otherwise) =>
        node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 0
            ? count
            : otherwise;
}
