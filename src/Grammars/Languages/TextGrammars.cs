using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Languages;

/// <summary>Grammars of a single regular language.</summary>
internal static class TextGrammars
{
    /// <summary>The texts that a pattern matches as a whole.</summary>
    public static Grammar FromPattern(string pattern, GrammarLimits limits)
    {
        var grammar = new Grammar(limits);
        return Of(grammar, new PatternCompiler(grammar.Rx, MakeText(grammar.Rx)).Match(pattern));
    }

    /// <summary>Some texts.</summary>
    public static Grammar FromChoices(IReadOnlyList<string> choices, GrammarLimits limits)
    {
        var grammar = new Grammar(limits);
        return Of(grammar, grammar.Rx.Or([.. choices.Select(choice => grammar.Rx.Literal(System.Text.Encoding.UTF8.GetBytes(choice)))]));
    }

    public static TextEncoding MakeText(RxBuilder rx)
    {
        var text = new TextEncoding(rx, isJson: false);
        rx.AllText = text.AnyText;
        return text;
    }

    private static Grammar Of(Grammar grammar, Rx language)
    {
        if (grammar.Rx.IsEmpty(language))
            throw new GrammarSyntaxException("No text matches the pattern.");

        var root = grammar.Register(new Rule());
        if (language.IsNullable)
            root.MarkNullable();

        // Terminals are not empty texts: those are an alternative of their own.
        var some = language.IsNullable ? grammar.Rx.And(language, grammar.Rx.Not(grammar.Rx.Epsilon)) : language;
        root.Alternatives = grammar.Rx.IsEmpty(some) ? [null] : [grammar.Sequence(grammar.GetTerminal(some)), .. language.IsNullable ? new Body?[] { null } : []];
        grammar.Root = root;
        return grammar;
    }
}
