using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Languages;

/// <summary>The syntax tree that the written grammars share.</summary>
internal abstract record Ebnf
{
    internal sealed record Rule(string Name) : Ebnf;

    internal sealed record Chars(CharClass Class) : Ebnf;

    /// <summary>A pattern, matched as a whole.</summary>
    internal sealed record Pattern(string Source) : Ebnf;

    internal sealed record Sequence(IReadOnlyList<Ebnf> Items) : Ebnf;

    internal sealed record Alternatives(IReadOnlyList<Ebnf> Items) : Ebnf;

    internal sealed record Repeat(Ebnf Item, int Min, int Max) : Ebnf;

    /// <summary>A fixed text.</summary>
    public static Ebnf Text(string text, bool ignoreCase = false) => new Sequence(
    [
        .. text.EnumerateRunes().Select(rune => new Chars(ignoreCase
            ? CharClass.Of(Both(System.Text.Rune.ToLowerInvariant(rune)), Both(System.Text.Rune.ToUpperInvariant(rune)))
            : CharClass.Single(rune.Value))),
    ]);

    private static (int, int) Both(System.Text.Rune rune) => (rune.Value, rune.Value);
}

/// <summary>A grammar as it was written.</summary>
/// <param name="Root">The rule to begin with.</param>
/// <param name="Rules">The rules by name.</param>
internal sealed record EbnfGrammar(string Root, IReadOnlyDictionary<string, Ebnf> Rules);
