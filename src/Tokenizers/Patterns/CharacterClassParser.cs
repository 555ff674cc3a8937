using System.Globalization;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Patterns;

/// <summary>
/// Reads what stands for one character: itself, an escape, or a class in brackets with nested ones and <c>&amp;&amp;</c>.
/// </summary>
internal sealed class CharacterClassParser(string pattern)
{
    private const int MaximumDepth = 32;

    private int _depth;

    public CodePointSet Parse(ref int position)
    {
        if (pattern[position] == '[')
            return ParseBrackets(ref position);
        if (pattern[position] == '\\')
            return ParseEscape(ref position, out _);
        var point = CodePoint.At(pattern, position, out var length);
        position += length;
        return CodePointSet.Of(point);
    }

    private CodePointSet ParseBrackets(ref int position)
    {
        if (++_depth > MaximumDepth)
            throw Wrong("too deeply nested classes", position);
        var start = position++;
        var isNegative = position < pattern.Length && pattern[position] == '^';
        if (isNegative)
            position++;

        var ranges = new List<(int, int)>();
        CodePointSet? intersection = null;
        for (var isFirst = true; ; isFirst = false)
        {
            if (position >= pattern.Length)
                throw Wrong("a class that does not end", start);
            if (pattern[position] == ']' && !isFirst)
                break;
            if (pattern.AsSpan(position).StartsWith("&&"))
            {
                position += 2;
                Intersect();
                continue;
            }

            AddItem(ref position, ranges);
        }

        position++;
        _depth--;
        Intersect();
        return isNegative ? intersection!.Negate() : intersection!;

        void Intersect()
        {
            var operand = CodePointSet.Of(ranges);
            intersection = intersection is null ? operand : intersection.Intersect(operand);
            ranges.Clear();
        }
    }

    private void AddItem(ref int position, List<(int, int)> ranges)
    {
        CodePointSet set;
        var first = -1;
        if (pattern.AsSpan(position).StartsWith("[:"))
            set = ParsePosix(ref position);
        else if (pattern[position] == '[')
            set = ParseBrackets(ref position);
        else
            set = ParseSingle(ref position, out first);

        var isRange = first >= 0 && position + 1 < pattern.Length && pattern[position] == '-' && pattern[position + 1] is not (']' or '[');
        if (!isRange)
        {
            foreach (var range in set.Ranges)
                ranges.Add(range);
            return;
        }

        var dash = position++;
        ParseSingle(ref position, out var last);
        if (last < first)
            throw Wrong("a range that does not rise", dash);
        ranges.Add((first, last + 1));
    }

    // The point is -1 for an escape that stands for several.
    private CodePointSet ParseSingle(ref int position, out int point)
    {
        if (pattern[position] == '\\')
            return ParseEscape(ref position, out point);
        point = CodePoint.At(pattern, position, out var length);
        position += length;
        return CodePointSet.Of(point);
    }

    private CodePointSet ParseEscape(ref int position, out int point)
    {
        var start = position++;
        if (position == pattern.Length)
            throw Wrong("a '\\' at its end", start);
        point = -1;
        var letter = pattern[position];
        switch (letter)
        {
            case 'd' or 'D':
                position++;
                return Choose(CodePointSets.Digit, letter == 'D');
            case 's' or 'S':
                position++;
                return Choose(CodePointSets.WhiteSpace, letter == 'S');
            case 'w' or 'W':
                position++;
                return Choose(CodePointSets.Word, letter == 'W');
            case 'h' or 'H':
                position++;
                return Choose(CodePointSet.Of([('0', ':'), ('A', 'G'), ('a', 'g')]), letter == 'H');
            case 'p' or 'P':
                return ParseProperty(ref position, letter == 'P');
        }

        point = ParseCharacter(ref position, start);
        return CodePointSet.Of(point);

        static CodePointSet Choose(CodePointSet set, bool isNegative) => isNegative ? set.Negate() : set;
    }

    private int ParseCharacter(ref int position, int start)
    {
        var letter = pattern[position];
        switch (letter)
        {
            case 'n' or 'r' or 't' or 'f' or 'v' or 'a' or 'e':
                position++;
                return letter switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'f' => '\f', 'v' => '\v', 'a' => '\a', _ => 0x1B };
            case 'x' when position + 1 < pattern.Length && pattern[position + 1] == '{':
                var end = pattern.IndexOf('}', position);
                return end < 0 ? throw Wrong("an escape that does not end", start) : ParseHex(ref position, 2, end - position - 2, 1, start);
            case 'x':
                return ParseHex(ref position, 1, 2, 0, start);
            case 'u':
                return ParseHex(ref position, 1, 4, 0, start);
            case '0':
                position++;
                return 0;
        }

        if (char.IsAsciiLetterOrDigit(letter))
            throw Wrong($"the escape '\\{letter}', which is not supported,", start);
        var point = CodePoint.At(pattern, position, out var length);
        position += length;
        return point;
    }

    private int ParseHex(ref int position, int skip, int count, int after, int start)
    {
        if (position + skip + count > pattern.Length
            || !int.TryParse(pattern.AsSpan(position + skip, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point)
            || point is < 0 or > CodePoint.Maximum)
            throw Wrong("an escape that is no code point", start);
        position += skip + count + after;
        return point;
    }

    // At the letter p.
    private CodePointSet ParseProperty(ref int position, bool isNegative)
    {
        var start = position - 1;
        if (position + 1 < pattern.Length && pattern[position + 1] != '{')
        {
            position += 2;
            return Find(pattern[position - 1].ToString(), start, isNegative);
        }

        var end = pattern.IndexOf('}', position);
        if (end < 0)
            throw Wrong("a property that does not end", start);
        var name = pattern[(position + 2)..end];
        position = end + 1;
        return name.StartsWith('^') ? Find(name[1..], start, !isNegative) : Find(name, start, isNegative);
    }

    private CodePointSet ParsePosix(ref int position)
    {
        var end = pattern.IndexOf(":]", position, StringComparison.Ordinal);
        if (end < 0)
            throw Wrong("a class that does not end", position);
        var start = position;
        var name = pattern[(position + 2)..end];
        position = end + 2;
        return name.StartsWith('^') ? Find(name[1..], start, true) : Find(name, start, false);
    }

    private static CodePointSet Find(string name, int start, bool isNegative)
    {
        var set = UnicodeProperties.Find(name) ?? throw Wrong($"the property '{name}', which is not known,", start);
        return isNegative ? set.Negate() : set;
    }

    private static PatternException Wrong(string what, int position) => new($"has {what} at character {position + 1}");
}
