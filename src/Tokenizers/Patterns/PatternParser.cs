using System.Globalization;
using ModelRunner.Tokenizers.Unicode;
using static ModelRunner.Tokenizers.Patterns.PatternNode;

namespace ModelRunner.Tokenizers.Patterns;

/// <summary>
/// Reads a pattern in the syntax that tokenizers are written in: Oniguruma's (Ruby flavour), without what needs
/// backtracking. A possessive quantifier is understood behind a single character class.
/// </summary>
internal sealed class PatternParser
{
    private const int MaximumLength = 1 << 16;
    private const int MaximumDepth = 64;
    private const int MaximumRepeats = 1000;

    // A counted repetition is written out, so nested ones multiply.
    private const int MaximumSize = 20_000;

    private readonly string _pattern;
    private readonly CharacterClassParser _classes;
    private int _position;
    private int _depth;
    private int _size;

    private PatternParser(string pattern)
    {
        _pattern = pattern;
        _classes = new CharacterClassParser(pattern);
    }

    /// <exception cref="PatternException">It cannot be read.</exception>
    public static PatternNode Parse(string pattern)
    {
        if (pattern.Length > MaximumLength)
            throw new PatternException($"has {pattern.Length} characters, the limit is {MaximumLength}");
        var parser = new PatternParser(pattern);
        var node = parser.ParseAlternation(ignoreCase: false);
        return parser._position == pattern.Length ? node : throw parser.Wrong("an unmatched ')'");
    }

    private PatternNode ParseAlternation(bool ignoreCase)
    {
        if (++_depth > MaximumDepth)
            throw Wrong("too deeply nested groups");
        var branches = new List<PatternNode> { ParseSequence(ref ignoreCase) };
        while (TryTake('|'))
            branches.Add(ParseSequence(ref ignoreCase));
        _depth--;
        return branches.Count == 1 ? branches[0] : new Alternation([.. branches]);
    }

    // An option such as (?i) in the middle holds to the end of its group.
    private PatternNode ParseSequence(ref bool ignoreCase)
    {
        var parts = new List<PatternNode>();
        while (_position < _pattern.Length && _pattern[_position] is not ('|' or ')'))
        {
            if (ParseAtom(ref ignoreCase) is { } atom)
                parts.Add(ParseQuantifiers(atom));
        }

        return parts.Count switch { 0 => new Empty(), 1 => parts[0], _ => new Concatenation([.. parts]) };
    }

    // Null for an option that stands alone.
    private PatternNode? ParseAtom(ref bool ignoreCase)
    {
        if (++_size > MaximumSize)
            throw Wrong("a pattern that is too large");
        switch (_pattern[_position])
        {
            case '(':
                _position++;
                return ParseGroup(ref ignoreCase);
            case '^':
                _position++;
                return new Look(NotNewline, IsAhead: false, IsNegative: true);
            case '$':
                _position++;
                return new Look(NotNewline, IsAhead: true, IsNegative: true);
            case '.':
                _position++;
                return NotNewline;
            case '*' or '+' or '?':
                throw Wrong("a quantifier with nothing before it");
            case '\\' when _position + 1 < _pattern.Length && ParseAnchor(_pattern[_position + 1]) is { } anchor:
                _position += 2;
                return anchor;
            default:
                var set = _classes.Parse(ref _position);
                return new Characters(ignoreCase ? CodePointSets.IgnoreCase(set) : set);
        }
    }

    private static Characters NotNewline => new(CodePointSet.Of('\n').Negate());

    private static PatternNode? ParseAnchor(char letter)
    {
        var word = new Characters(CodePointSets.Word);
        var any = new Characters(CodePointSet.All);
        return letter switch
        {
            'A' => new Look(any, IsAhead: false, IsNegative: true),
            'z' => new Look(any, IsAhead: true, IsNegative: true),
            'Z' => new Look(new Alternation(NotNewline, new Concatenation(any, any)), IsAhead: true, IsNegative: true),
            'b' => new Alternation(Boundary(before: true, after: false), Boundary(before: false, after: true)),
            'B' => new Alternation(Boundary(before: true, after: true), Boundary(before: false, after: false)),
            _ => null,
        };

        Concatenation Boundary(bool before, bool after) =>
            new(new Look(word, IsAhead: false, !before), new Look(word, IsAhead: true, !after));
    }

    private PatternNode? ParseGroup(ref bool ignoreCase)
    {
        if (!TryTake('?'))
            return Close(ParseAlternation(ignoreCase));
        if (TryTake(':'))
            return Close(ParseAlternation(ignoreCase));
        if (TryTake('='))
            return new Look(Close(ParseAlternation(ignoreCase)), IsAhead: true, IsNegative: false);
        if (TryTake('!'))
            return new Look(Close(ParseAlternation(ignoreCase)), IsAhead: true, IsNegative: true);
        if (TryTake("<="))
            return new Look(Close(ParseAlternation(ignoreCase)), IsAhead: false, IsNegative: false);
        if (TryTake("<!"))
            return new Look(Close(ParseAlternation(ignoreCase)), IsAhead: false, IsNegative: true);
        if (TryTake('<') || TryTake("P<"))
        {
            var end = _pattern.IndexOf('>', _position);
            if (end < 0)
                throw Wrong("a group name without its '>'");
            _position = end + 1;
            return Close(ParseAlternation(ignoreCase));
        }

        return ParseOptions(ref ignoreCase);
    }

    private PatternNode? ParseOptions(ref bool ignoreCase)
    {
        var inner = ignoreCase;
        var isOn = true;
        for (; _position < _pattern.Length; _position++)
        {
            switch (_pattern[_position])
            {
                case '-':
                    isOn = false;
                    break;
                case 'i':
                    inner = isOn;
                    break;
                case ':':
                    _position++;
                    return Close(ParseAlternation(inner));
                case ')':
                    _position++;
                    ignoreCase = inner;
                    return null;
                default:
                    throw Wrong("a group of a kind that is not supported");
            }
        }

        throw Wrong("a group that does not end");
    }

    private PatternNode Close(PatternNode node) => TryTake(')') ? node : throw Wrong("a group that does not end");

    private PatternNode ParseQuantifiers(PatternNode atom)
    {
        while (_position < _pattern.Length && ParseQuantifier() is var (minimum, maximum, canBePossessive))
        {
            var isLazy = TryTake('?');
            var isPossessive = !isLazy && canBePossessive && TryTake('+');
            atom = isPossessive ? Possess(atom, minimum, maximum) : Repeat(atom, minimum, maximum, !isLazy);
        }

        return atom;
    }

    // Maximum -1 is without limit. In this flavour '+' behind braces repeats once more instead of possessing.
    private (int Minimum, int Maximum, bool CanBePossessive)? ParseQuantifier()
    {
        switch (_pattern[_position])
        {
            case '*':
                _position++;
                return (0, -1, true);
            case '+':
                _position++;
                return (1, -1, true);
            case '?':
                _position++;
                return (0, 1, true);
            case '{':
                return ParseBraces();
            default:
                return null;
        }
    }

    private (int Minimum, int Maximum, bool CanBePossessive)? ParseBraces()
    {
        var end = _pattern.IndexOf('}', _position);
        if (end < 0)
            return null;
        var parts = _pattern[(_position + 1)..end].Split(',');
        if (parts.Length > 2 || parts.All(part => part.Length == 0))
            return null;
        var minimum = parts[0].Length == 0 ? 0 : ParseCount(parts[0]);
        var maximum = parts.Length == 1 ? minimum : parts[1].Length == 0 ? -1 : ParseCount(parts[1]);
        if (minimum is null || maximum is null)
            return null;
        if (minimum > MaximumRepeats || maximum > MaximumRepeats || (maximum >= 0 && maximum < minimum))
            throw Wrong("a count of repetitions out of bounds");
        _position = end + 1;
        return (minimum.Value, maximum.Value, false);

        static int? ParseCount(string digits) =>
            int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
    }

    private PatternNode Repeat(PatternNode atom, int minimum, int maximum, bool isGreedy)
    {
        var size = Measure(atom);
        if ((_size += size * Math.Max(Math.Max(minimum, maximum), 1)) > MaximumSize)
            throw Wrong("a pattern that is too large");

        PatternNode node = maximum < 0 ? new Repetition(atom, isGreedy) : new Empty();
        for (var i = minimum; i < maximum; i++)
        {
            var more = node is Empty ? atom : new Concatenation(atom, node);
            node = isGreedy ? new Alternation(more, new Empty()) : new Alternation(new Empty(), more);
        }

        for (var i = 0; i < minimum; i++)
            node = node is Empty ? atom : new Concatenation(atom, node);
        return node;
    }

    // X++ takes every X there is: after it comes no X.
    private PatternNode Possess(PatternNode atom, int minimum, int maximum)
    {
        if (atom is not Characters)
            throw Wrong("a possessive quantifier behind more than a character class");
        var stop = new Look(atom, IsAhead: true, IsNegative: true);
        return maximum < 0
            ? new Concatenation(Repeat(atom, minimum, maximum, isGreedy: true), stop)
            : new Alternation(atom, stop);
    }

    private static int Measure(PatternNode node) => node switch
    {
        Concatenation several => 1 + several.Parts.Sum(Measure),
        Alternation several => 1 + several.Branches.Sum(Measure),
        Repetition repetition => 1 + Measure(repetition.Body),
        Look look => 1 + Measure(look.Body),
        _ => 1,
    };

    private bool TryTake(char letter)
    {
        if (_position == _pattern.Length || _pattern[_position] != letter)
            return false;
        _position++;
        return true;
    }

    private bool TryTake(string text)
    {
        if (!_pattern.AsSpan(_position).StartsWith(text))
            return false;
        _position += text.Length;
        return true;
    }

    private PatternException Wrong(string what) => new($"has {what} at character {_position + 1}");
}
