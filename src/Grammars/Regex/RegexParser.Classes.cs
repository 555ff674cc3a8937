using System.Globalization;
using System.Text;

namespace ModelRunner.Grammars.Regex;

// Classes of characters and their escapes.
internal sealed partial class RegexParser
{
    private CharClass ReadClass()
    {
        var isNegative = TryTake('^');
        var ranges = new List<(int, int)>();
        while (!TryTake(']'))
        {
            if (IsAtEnd)
                throw new RegexSyntaxException("lacks a ']'");

            var low = ReadClassAtom();
            if (Current != '-' || _at + 1 >= _text.Length || _text[_at + 1] == ']')
            {
                ranges.AddRange(low.Ranges);
                continue;
            }

            _at++;
            var high = ReadClassAtom();
            if (!IsSingle(low) || !IsSingle(high))
            {
                ranges.AddRange([.. low.Ranges, ('-', '-'), .. high.Ranges]);
                continue;
            }

            if (low.Ranges[0].Low > high.Ranges[0].Low)
                throw new RegexSyntaxException("has a range out of order");
            ranges.Add((low.Ranges[0].Low, high.Ranges[0].Low));
        }

        var result = CharClass.Of([.. ranges]);
        return isNegative ? result.Negate() : result;
    }

    private static bool IsSingle(CharClass characters) =>
        characters.Ranges is [var (low, high)] && low == high;

    private CharClass ReadClassAtom()
    {
        var codePoint = _text[_at++];
        if (codePoint != '\\')
            return CharClass.Single(codePoint);

        if (Current != 'b')
            return ReadClassEscape();

        _at++;
        return CharClass.Single('\b');
    }

    private CharClass ReadClassEscape()
    {
        if (IsAtEnd)
            throw new RegexSyntaxException("ends with a backslash");

        var letter = Current;
        var codePoint = _text[_at++];
        return letter switch
        {
            'd' => CharClass.Digit,
            'D' => CharClass.Digit.Negate(),
            'w' => CharClass.Word,
            'W' => CharClass.Word.Negate(),
            's' => CharClass.Space,
            'S' => CharClass.Space.Negate(),
            'n' => CharClass.Single('\n'),
            'r' => CharClass.Single('\r'),
            't' => CharClass.Single('\t'),
            'f' => CharClass.Single('\f'),
            'v' => CharClass.Single('\v'),
            'a' => CharClass.Single('\a'),
            '0' => CharClass.Single(0),
            'c' when char.IsAsciiLetter(Current) => CharClass.Single(_text[_at++] % 32),
            'x' => CharClass.Single(ReadHex(2)),
            'u' => CharClass.Single(ReadUnicode()),
            'p' or 'P' => ReadProperty(isNegative: letter == 'P'),
            _ when char.IsAsciiLetterOrDigit(letter) && letter is not ('_' or 'e' or 'i' or 'l' or 'm' or 'o' or 'y')
                => throw new RegexSyntaxException($"has the unknown escape '\\{letter}'"),
            _ => CharClass.Single(codePoint),
        };
    }

    private int ReadUnicode()
    {
        if (TryTake('{'))
        {
            var value = 0;
            for (; char.IsAsciiHexDigit(Current) && value <= CharClass.MaxCodePoint; _at++)
                value = value * 16 + Convert.ToInt32(Current.ToString(), 16);

            return TryTake('}') && value <= CharClass.MaxCodePoint
                ? value
                : throw new RegexSyntaxException("has a malformed '\\u{...}'");
        }

        var unit = ReadHex(4);
        if (!char.IsHighSurrogate((char)unit) || Current != '\\')
            return unit;

        _at++;
        return TryTake('u') && char.IsLowSurrogate((char)ReadHexAhead(out var low))
            ? char.ConvertToUtf32((char)unit, (char)low)
            : throw new RegexSyntaxException("has half of a surrogate pair");
    }

    private int ReadHexAhead(out int value) => value = ReadHex(4);

    private int ReadHex(int count)
    {
        var digits = new StringBuilder(count);
        for (var i = 0; i < count && char.IsAsciiHexDigit(Current); i++, _at++)
            digits.Append(Current);

        return digits.Length == count
            ? int.Parse(digits.ToString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : throw new RegexSyntaxException("has a malformed hexadecimal escape");
    }

    private CharClass ReadProperty(bool isNegative)
    {
        var name = new StringBuilder();
        if (TryTake('{'))
        {
            for (; !IsAtEnd && Current != '}'; _at++)
                name.Append(Current);
            TryTake('}');
        }
        else if (!IsAtEnd)
        {
            name.Append((char)_text[_at++]);
        }

        var text = name.ToString();
        var category = text[(text.IndexOf('=') + 1)..];
        var result = CharClass.Category(LongNames.GetValueOrDefault(category, category))
            ?? throw new RegexSyntaxException($"uses the unknown Unicode property '{text}'");
        return isNegative ? result.Negate() : result;
    }
}
