using static ModelRunner.Grammars.Regex.RegexNode;

namespace ModelRunner.Grammars.Regex;

/// <summary>Reads ECMA-262 patterns (with the u flag's meaning of a character), and leniently as Annex B does.</summary>
internal sealed partial class RegexParser
{
    private const int MaxDepth = 200;

    private readonly int[] _text;
    private int _at;
    private int _depth;

    private RegexParser(string pattern) => _text = [.. pattern.EnumerateRunes().Select(static rune => rune.Value)];

    private bool IsAtEnd => _at == _text.Length;

    private char Current => IsAtEnd || _text[_at] > char.MaxValue ? '\0' : (char)_text[_at];

    /// <exception cref="RegexSyntaxException">It is not a pattern, or cannot be honoured.</exception>
    public static RegexNode Parse(string pattern)
    {
        var parser = new RegexParser(pattern);
        var node = parser.ReadAlternatives();
        if (!parser.IsAtEnd)
            throw new RegexSyntaxException("has a ')' without its '('");

        return node;
    }

    private RegexNode ReadAlternatives()
    {
        if (++_depth > MaxDepth)
            throw new RegexSyntaxException("is nested too deeply");

        var branches = new List<RegexNode> { ReadSequence() };
        while (TryTake('|'))
            branches.Add(ReadSequence());

        _depth--;
        return branches.Count == 1 ? branches[0] : new Alternatives(branches);
    }

    private Sequence ReadSequence()
    {
        var items = new List<RegexNode>();
        while (!IsAtEnd && Current is not ('|' or ')'))
            items.Add(ReadQuantified());

        return new Sequence(items);
    }

    private RegexNode ReadQuantified()
    {
        var atom = ReadAtom();
        while (TryReadQuantifier(out var min, out var max))
        {
            // Laziness chooses among matches and changes nothing about which strings match.
            TryTake('?');
            if (TryTake('+'))
                throw new RegexSyntaxException("uses a possessive quantifier");

            atom = atom is Anchor or Look
                ? min > 0 ? atom : new Sequence([])
                : new Repeat(atom, min, max);
        }

        return atom;
    }

    private bool TryReadQuantifier(out int min, out int max)
    {
        (min, max) = (0, Rx.Unbounded);
        switch (Current)
        {
            case '*':
                _at++;
                return true;
            case '+':
                (min, _at) = (1, _at + 1);
                return true;
            case '?':
                (max, _at) = (1, _at + 1);
                return true;
            case '{':
                var start = _at++;
                if (TryReadNumber(out min) && ReadUpperBound(min, out max) && TryTake('}'))
                    return min <= max ? true : throw new RegexSyntaxException("has a quantifier out of order");

                // Annex B: a brace that is no quantifier stands for itself.
                _at = start;
                return false;
            default:
                return false;
        }
    }

    private bool ReadUpperBound(int min, out int max)
    {
        max = min;
        if (TryTake(',') && !TryReadNumber(out max))
            max = Rx.Unbounded;

        return true;
    }

    private bool TryReadNumber(out int value)
    {
        value = 0;
        var start = _at;
        for (; char.IsAsciiDigit(Current); _at++)
            value = (int)Math.Min(value * 10L + Current - '0', Rx.Unbounded - 1);

        return _at > start;
    }

    private RegexNode ReadAtom()
    {
        var codePoint = _text[_at++];
        return codePoint switch
        {
            '^' => new Anchor(IsEnd: false),
            '$' => new Anchor(IsEnd: true),
            '.' => new Chars(CharClass.Dot),
            '(' => ReadGroup(),
            '[' => new Chars(ReadClass()),
            '\\' => ReadEscape(),
            '*' or '+' or '?' => throw new RegexSyntaxException($"has a '{(char)codePoint}' with nothing before it"),
            _ => new Chars(CharClass.Single(codePoint)),
        };
    }

    private RegexNode ReadGroup()
    {
        Func<RegexNode, RegexNode> wrap = static node => node;
        if (TryTake('?'))
        {
            if (TryTake('='))
                wrap = static node => new Look(node, IsNegative: false, IsBehind: false);
            else if (TryTake('!'))
                wrap = static node => new Look(node, IsNegative: true, IsBehind: false);
            else if (!TryTake(':'))
                ReadNamedOrBehind(ref wrap);
        }

        var item = ReadAlternatives();
        if (!TryTake(')'))
            throw new RegexSyntaxException("lacks a ')'");

        return wrap(item);
    }

    private void ReadNamedOrBehind(ref Func<RegexNode, RegexNode> wrap)
    {
        TryTake('P');
        if (!TryTake('<'))
            throw new RegexSyntaxException("uses a group of a kind that is not supported, such as flags");

        if (TryTake('='))
        {
            wrap = static node => new Look(node, IsNegative: false, IsBehind: true);
        }
        else if (TryTake('!'))
        {
            wrap = static node => new Look(node, IsNegative: true, IsBehind: true);
        }
        else
        {
            while (!IsAtEnd && Current != '>')
                _at++;
            if (!TryTake('>'))
                throw new RegexSyntaxException("has a group name without end");
        }
    }

    private RegexNode ReadEscape()
    {
        switch (Current)
        {
            case 'b' or 'B':
                throw new RegexSyntaxException("uses a word boundary, which is not supported");
            case >= '1' and <= '9' or 'k':
                throw new RegexSyntaxException("uses a back reference, which no regular language has");
            case 'A':
                _at++;
                return new Anchor(IsEnd: false);
            case 'z' or 'Z':
                _at++;
                return new Anchor(IsEnd: true);
            default:
                return new Chars(ReadClassEscape());
        }
    }

    private static readonly Dictionary<string, string> LongNames = new()
    {
        ["Letter"] = "L",
        ["Lowercase_Letter"] = "Ll",
        ["Uppercase_Letter"] = "Lu",
        ["Number"] = "N",
        ["Decimal_Number"] = "Nd",
        ["digit"] = "Nd",
        ["Punctuation"] = "P",
        ["Symbol"] = "S",
        ["Separator"] = "Z",
        ["Mark"] = "M",
        ["Alphabetic"] = "L",
    };

    private bool TryTake(char letter)
    {
        if (IsAtEnd || Current != letter)
            return false;

        _at++;
        return true;
    }
}
