using System.Text;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Languages;

/// <summary>Reads GBNF, the grammars of llama.cpp (its <c>grammars/README.md</c>).</summary>
internal sealed class GbnfReader(string text) : GrammarReader(text)
{
    private readonly Dictionary<string, Ebnf> _rules = [];

    public EbnfGrammar Read()
    {
        SkipSpace(acrossLines: true);
        while (!IsAtEnd)
        {
            var name = ReadName();
            SkipSpace(acrossLines: false);
            if (!TryTake("::="))
                throw Error($"lacks '::=' behind '{name}'");

            SkipSpace(acrossLines: true);
            _rules[name] = ReadAlternatives(isNested: false);
            SkipSpace(acrossLines: false);
            if (!IsAtEnd && Current is not ('\n' or '\r'))
                throw Error($"has an unexpected '{Current}'");

            SkipSpace(acrossLines: true);
        }

        return _rules.ContainsKey("root")
            ? new EbnfGrammar("root", _rules)
            : throw new GrammarSyntaxException("The grammar has no rule 'root'.");
    }

    private Ebnf ReadAlternatives(bool isNested)
    {
        Enter();
        var branches = new List<Ebnf> { ReadSequence(isNested) };
        while (TakeBar(isNested))
        {
            SkipSpace(acrossLines: true);
            branches.Add(ReadSequence(isNested));
        }

        Leave();
        return branches.Count == 1 ? branches[0] : new Ebnf.Alternatives(branches);
    }

    private bool TakeBar(bool isNested)
    {
        var start = At;
        SkipSpace(acrossLines: true);
        if (TryTake('|'))
            return true;

        if (!isNested)
            At = start;
        return false;
    }

    private Ebnf.Sequence ReadSequence(bool isNested)
    {
        var items = new List<Ebnf>();
        while (ReadItem() is { } item)
        {
            items.Add(ReadRepeats(item));
            SkipSpace(isNested);
        }

        return new Ebnf.Sequence(items);
    }

    private Ebnf? ReadItem()
    {
        switch (Current)
        {
            case '"':
                return ReadLiteral();
            case '[':
                return ReadClass();
            case '.':
                At++;
                return new Ebnf.Chars(CharClass.All);
            case '(':
                At++;
                SkipSpace(acrossLines: true);
                var group = ReadAlternatives(isNested: true);
                SkipSpace(acrossLines: true);
                return TryTake(')') ? group : throw Error("lacks a ')'");
            case '<' or '!':
                throw Error("matches tokens by name, which is not supported");
            default:
                return IsNameLetter(Current) ? new Ebnf.Rule(ReadName()) : null;
        }
    }

    private Ebnf ReadRepeats(Ebnf item)
    {
        while (true)
        {
            if (TryTake('*'))
            {
                item = new Ebnf.Repeat(item, 0, Rx.Unbounded);
            }
            else if (TryTake('+'))
            {
                item = new Ebnf.Repeat(item, 1, Rx.Unbounded);
            }
            else if (TryTake('?'))
            {
                item = new Ebnf.Repeat(item, 0, 1);
            }
            else if (TryTake('{'))
            {
                var min = Current == ',' ? 0 : TakeNumber();
                var max = !TryTake(',') ? min : char.IsAsciiDigit(Current) ? TakeNumber() : Rx.Unbounded;
                if (!TryTake('}') || min > max)
                    throw Error("has a malformed repetition");
                item = new Ebnf.Repeat(item, min, max);
            }
            else
            {
                return item;
            }
        }
    }

    private Ebnf ReadLiteral()
    {
        At++;
        var literal = new StringBuilder();
        while (!TryTake('"'))
            literal.Append(char.ConvertFromUtf32(ReadChar()));

        return Ebnf.Text(literal.ToString());
    }

    private Ebnf.Chars ReadClass()
    {
        At++;
        var isNegative = TryTake('^');
        var ranges = new List<(int, int)>();
        while (!TryTake(']'))
        {
            var low = ReadChar();
            var high = low;
            if (Current == '-' && Next != ']')
            {
                At++;
                high = ReadChar();
            }

            if (low > high)
                throw Error("has a range out of order");
            ranges.Add((low, high));
        }

        var characters = CharClass.Of([.. ranges]);
        return new Ebnf.Chars(isNegative ? characters.Negate() : characters);
    }

    private int ReadChar()
    {
        if (!TryTake('\\'))
            return TakeCodePoint();

        var letter = TakeCodePoint();
        var codePoint = letter switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'x' => TakeHex(2),
            'u' => TakeHex(4),
            'U' => TakeHex(8),
            '\\' or '"' or '[' or ']' or '-' or '^' or '/' or '\'' => letter,
            _ => throw Error($"has the unknown escape '\\{char.ConvertFromUtf32(letter)}'"),
        };
        return codePoint is >= 0xD800 and <= 0xDFFF ? throw Error("holds half of a surrogate pair") : codePoint;
    }

    private string ReadName()
    {
        var start = At;
        while (IsNameLetter(Current))
            At++;

        return At > start ? Source[start..At] : throw Error("lacks the name of a rule");
    }

    private static bool IsNameLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_';

    private void SkipSpace(bool acrossLines)
    {
        while (true)
        {
            if (Current is ' ' or '\t' || (acrossLines && Current is '\n' or '\r'))
            {
                At++;
            }
            else if (Current == '#')
            {
                while (!IsAtEnd && Current is not ('\n' or '\r'))
                    At++;
            }
            else
            {
                return;
            }
        }
    }
}
