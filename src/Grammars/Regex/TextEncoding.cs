using System.Text;

namespace ModelRunner.Grammars.Regex;

/// <summary>How characters become bytes: plain UTF-8, or what stands between the quotes of a JSON string.</summary>
internal sealed class TextEncoding
{
    private static readonly CharClass MustEscape = CharClass.Of((0, 0x1F), ('"', '"'), ('\\', '\\'));
    private static readonly CharClass Basic = CharClass.Of((0, 0xFFFF));
    private static readonly CharClass Supplementary = CharClass.Of((0x10000, CharClass.MaxCodePoint));
    private static readonly (char Escape, int CodePoint)[] ShortEscapes =
        [('"', '"'), ('\\', '\\'), ('/', '/'), ('b', 8), ('f', 12), ('n', 10), ('r', 13), ('t', 9)];

    private readonly RxBuilder _rx;
    private readonly bool _isJson;
    private readonly bool _isMarked;
    private readonly Dictionary<(int, int), Rx> _singles = [];

    /// <param name="rx">Where expressions are made.</param>
    /// <param name="isJson">Whether characters stand between the quotes of a JSON string.</param>
    /// <param name="isMarked">Whether this is the encoding that <see cref="RxBuilder.AllText"/> is of.</param>
    public TextEncoding(RxBuilder rx, bool isJson, bool isMarked = true)
    {
        _rx = rx;
        _isMarked = isMarked;
        _isJson = isJson;
        AnyChar = Encode(CharClass.All);
        AnyText = rx.Star(AnyChar);
    }

    /// <summary>Any one character.</summary>
    public Rx AnyChar { get; }

    /// <summary>Any characters.</summary>
    public Rx AnyText { get; }

    /// <summary>Any characters, each in the spelling of <see cref="EncodeCanonical"/>.</summary>
    public Rx CanonicalText => field ??= MakeCanonicalText();

    /// <summary>One character of a class, in all its spellings.</summary>
    public Rx Encode(CharClass characters)
    {
        if (characters.Ranges is [var (low, high)])
        {
            if (_singles.TryGetValue((low, high), out var known))
                return known;

            return _singles[(low, high)] = Make(characters);
        }

        return Make(characters);
    }

    /// <summary>A fixed text in all its spellings.</summary>
    public Rx EncodeAll(string text)
    {
        var result = _rx.Epsilon;
        var runes = text.EnumerateRunes().ToArray();
        for (var i = runes.Length - 1; i >= 0; i--)
            result = _rx.Concat(Encode(CharClass.Single(runes[i].Value)), result);

        return result;
    }

    /// <summary>A fixed text as serializers write it: escapes only where they must be.</summary>
    public Rx EncodeCanonical(string text)
    {
        if (!_isJson)
            return Mark(_rx.Literal(Encoding.UTF8.GetBytes(text), isText: _isMarked));

        var bytes = new StringBuilder();
        foreach (var letter in text)
        {
            var escape = Array.Find(ShortEscapes, pair => pair.CodePoint == letter && pair.Escape != '/');
            if (escape.Escape != 0)
                bytes.Append('\\').Append(escape.Escape);
            else if (letter < ' ')
                bytes.Append("\\u").Append(((int)letter).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
            else
                bytes.Append(letter);
        }

        return Mark(_rx.Literal(Encoding.UTF8.GetBytes(bytes.ToString()), isText: true));
    }

    private Rx MakeCanonicalText()
    {
        if (!_isJson)
            return AnyText;

        var characters = new List<Rx>();
        AddUtf8(CharClass.All.Intersect(MustEscape.Negate()), characters);
        foreach (var (low, high) in MustEscape.Ranges)
            for (var letter = low; letter <= high; letter++)
                characters.Add(EncodeCanonical(((char)letter).ToString()));

        return _rx.Star(_rx.Or([.. characters]));
    }

    private Rx Make(CharClass characters)
    {
        var branches = new List<Rx>();
        AddUtf8(_isJson ? characters.Intersect(MustEscape.Negate()) : characters, branches);
        if (_isJson)
        {
            foreach (var (escape, codePoint) in ShortEscapes)
                if (characters.Contains(codePoint))
                    branches.Add(_rx.Literal([(byte)'\\', (byte)escape]));

            AddHex(characters, branches);
        }

        foreach (var branch in branches)
            Mark(branch);

        return Mark(_rx.Or([.. branches]));
    }

    private Rx Mark(Rx node)
    {
        if (!_isMarked)
            return node;

        node.IsText = true;
        if (node.Kind == RxKind.Or)
            foreach (var item in node.Items)
                item.IsText = true;

        return node;
    }

    private void AddUtf8(CharClass characters, List<Rx> branches)
    {
        ReadOnlySpan<int> bounds = [0x7F, 0x7FF, 0xFFFF, CharClass.MaxCodePoint];
        foreach (var (low, high) in characters.Ranges)
        {
            var from = low;
            foreach (var bound in bounds)
            {
                var to = Math.Min(high, bound);
                if (from > to)
                    continue;

                var first = Encoding.UTF8.GetBytes(char.ConvertFromUtf32(from));
                var last = Encoding.UTF8.GetBytes(char.ConvertFromUtf32(to));
                branches.Add(Between(
                    Array.ConvertAll(first, static b => (int)b),
                    Array.ConvertAll(last, static b => (int)b),
                    0x80,
                    0xBF,
                    (a, b) => _rx.Set(ByteSet.Range((byte)a, (byte)b))));
                from = to + 1;
            }
        }
    }

    private void AddHex(CharClass characters, List<Rx> branches)
    {
        var escape = _rx.Literal("\\u"u8);
        var units = new List<Rx>();
        foreach (var (low, high) in characters.Intersect(Basic).Ranges)
            units.Add(Hex(low, high));

        if (units.Count > 0)
            branches.Add(_rx.Concat(escape, _rx.Or([.. units])));

        foreach (var (low, high) in characters.Intersect(Supplementary).Ranges)
            AddPairs(low - 0x10000, high - 0x10000, branches);
    }

    /// <summary>Surrogate pairs: the upper ten bits, then the lower ten.</summary>
    private void AddPairs(int low, int high, List<Rx> branches)
    {
        if (low >> 10 == high >> 10)
        {
            branches.Add(Pair(low >> 10, high >> 10, low & 0x3FF, high & 0x3FF));
            return;
        }

        var (from, to) = (low >> 10, high >> 10);
        if ((low & 0x3FF) != 0)
            branches.Add(Pair(from, from++, low & 0x3FF, 0x3FF));
        if ((high & 0x3FF) != 0x3FF)
            branches.Add(Pair(to, to--, 0, high & 0x3FF));
        if (from <= to)
            branches.Add(Pair(from, to, 0, 0x3FF));
    }

    private Rx Pair(int firstHigh, int lastHigh, int firstLow, int lastLow) => _rx.Concat(
        _rx.Literal("\\u"u8),
        Hex(0xD800 + firstHigh, 0xD800 + lastHigh),
        _rx.Literal("\\u"u8),
        Hex(0xDC00 + firstLow, 0xDC00 + lastLow));

    private Rx Hex(int low, int high) => Between(Nibbles(low), Nibbles(high), 0, 15, HexDigits);

    private static int[] Nibbles(int unit) => [unit >> 12, (unit >> 8) & 15, (unit >> 4) & 15, unit & 15];

    private Rx HexDigits(int low, int high)
    {
        var set = default(ByteSet);
        for (var digit = low; digit <= high; digit++)
            set |= digit < 10
                ? ByteSet.Of((byte)('0' + digit))
                : ByteSet.Of((byte)('a' + digit - 10)) | ByteSet.Of((byte)('A' + digit - 10));

        return _rx.Set(set);
    }

    /// <summary>Digit strings of one length in [low, high]; later digits run from <paramref name="least"/> to <paramref name="most"/>.</summary>
    private Rx Between(ReadOnlySpan<int> low, ReadOnlySpan<int> high, int least, int most, Func<int, int, Rx> digits)
    {
        if (low.Length == 1)
            return digits(low[0], high[0]);
        if (low[0] == high[0])
            return _rx.Concat(digits(low[0], low[0]), Between(low[1..], high[1..], least, most, digits));

        var restLength = low.Length - 1;
        Span<int> allLeast = stackalloc int[restLength];
        Span<int> allMost = stackalloc int[restLength];
        allLeast.Fill(least);
        allMost.Fill(most);
        var branches = new List<Rx>();
        var (from, to) = (low[0], high[0]);
        if (!low[1..].SequenceEqual(allLeast))
            branches.Add(_rx.Concat(digits(from, from++), Between(low[1..], allMost, least, most, digits)));
        if (!high[1..].SequenceEqual(allMost))
            branches.Add(_rx.Concat(digits(to, to--), Between(allLeast, high[1..], least, most, digits)));
        if (from <= to)
            branches.Add(_rx.Concat(digits(from, to), Between(allLeast, allMost, least, most, digits)));

        return _rx.Or([.. branches]);
    }
}
