using System.Text;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Languages;

/// <summary>
/// Puts what may come before an output in front of its grammar, as one regular terminal: reasoning is free up to the
/// first closing marker.
/// </summary>
internal static class PreambleGrammar
{
    private const int MaxSpaces = 8;
    private const int MaxMarkers = 4;

    public static void Prepend(Grammar grammar, ConstraintPreamble preamble)
    {
        var rx = grammar.Rx;
        var space = rx.Repeat(rx.Set(ByteSet.Of(" \t\r\n")), 0, MaxSpaces);
        var marker = rx.Or([.. preamble.Markers.Select(text => rx.Literal(Encoding.UTF8.GetBytes(text)))]);
        var markers = rx.Repeat(rx.Concat(marker, space), 0, MaxMarkers);
        var reasoning = preamble.Close.Length == 0 ? rx.Nothing : rx.Concat(UpTo(rx, preamble.Close), space, markers);
        var before = preamble.IsOpen ? reasoning
            : preamble.Open.Length == 0 ? markers
            : rx.Or(markers, rx.Concat(markers, space, rx.Literal(Encoding.UTF8.GetBytes(preamble.Open)), reasoning));
        var root = grammar.Register(new Rule());
        var some = rx.Except(before, rx.Epsilon);
        Body? behind = rx.IsEmpty(some) ? null : grammar.Sequence(grammar.GetTerminal(some), grammar.Root);
        Body? alone = preamble.IsOpen ? null : grammar.Sequence(grammar.Root);
        root.Alternatives = [.. new[] { behind, alone }.Where(static body => body is not null)];
        if (!preamble.IsOpen && grammar.Root.IsNullable)
            root.MarkNullable();

        grammar.Root = root;
    }

    /// <summary>Any text to its first <paramref name="marker"/>, and that.</summary>
    public static Rx UpTo(RxBuilder rx, string marker)
    {
        var text = new TextEncoding(rx, isJson: false, isMarked: false);
        var end = rx.Literal(Encoding.UTF8.GetBytes(marker));
        return rx.Except(rx.Concat(text.AnyText, end), rx.Concat(text.AnyText, end, text.AnyText, text.AnyChar));
    }
}
