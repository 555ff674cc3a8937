using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Schema;

/// <summary>The terminals between values. White space is part of them and bounded: it cannot run away.</summary>
internal sealed class JsonSyntax
{
    private readonly Grammar _grammar;

    public JsonSyntax(Grammar grammar, SchemaOptions options)
    {
        _grammar = grammar;
        var rx = grammar.Rx;
        var line = rx.Concat(
            rx.Optional(Byte('\r')),
            Byte('\n'),
            rx.Repeat(rx.Set(ByteSet.Of(" \t")), 0, options.MaxIndentation));
        Space = rx.Or(rx.Epsilon, Byte(' '), line);
        var before = options.AnyWhitespace ? Space : rx.Epsilon;
        Colon = rx.Concat(before, Byte(':'), Space);
        Comma = grammar.GetTerminal(rx.Concat(before, Byte(','), Space));
        OpenObject = grammar.GetTerminal(rx.Concat(Byte('{'), Space));
        CloseObject = grammar.GetTerminal(rx.Concat(Space, Byte('}')));
        CloseEmptyObject = grammar.GetTerminal(Byte('}'));
        OpenArray = grammar.GetTerminal(rx.Concat(Byte('['), Space));
        CloseArray = grammar.GetTerminal(rx.Concat(Space, Byte(']')));
        CloseEmptyArray = grammar.GetTerminal(Byte(']'));
        Null = Word("null");
        True = Word("true");
        False = Word("false");
        Quote = Byte('"');
    }

    public Rx Space { get; }

    public Rx Colon { get; }

    public Rx Quote { get; }

    public Terminal Comma { get; }

    public Terminal OpenObject { get; }

    public Terminal CloseObject { get; }

    public Terminal CloseEmptyObject { get; }

    public Terminal OpenArray { get; }

    public Terminal CloseArray { get; }

    public Terminal CloseEmptyArray { get; }

    public Terminal Null { get; }

    public Terminal True { get; }

    public Terminal False { get; }

    /// <summary>A string with what may stand between its quotes.</summary>
    public Rx String(Rx content) => _grammar.Rx.Concat(Quote, content, Quote);

    private Rx Byte(char value) => _grammar.Rx.Set(ByteSet.Of((byte)value));

    private Terminal Word(string word) => _grammar.GetTerminal(_grammar.Rx.Literal(System.Text.Encoding.ASCII.GetBytes(word)));
}
