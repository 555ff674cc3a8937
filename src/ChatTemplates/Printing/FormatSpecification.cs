using System.Globalization;
using System.Numerics;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Printing;

/// <summary>
/// One field of <c>'%...'</c> or of <c>str.format</c>:
/// <c>[[fill]align][sign][#][0][width][grouping][.precision][type]</c>.
/// </summary>
internal sealed record FormatSpecification
{
    private const int MaxWidth = 1 << 20;

    public char Fill { get; init; } = ' ';

    /// <summary><c>&lt;</c>, <c>&gt;</c>, <c>^</c>, <c>=</c>, or 0 for the default of the type.</summary>
    public char Align { get; init; }

    public char Sign { get; init; } = '-';

    public bool IsAlternate { get; init; }

    public int Width { get; init; }

    public char Grouping { get; init; }

    public int Precision { get; init; } = -1;

    public char Type { get; init; }

    public static FormatSpecification Parse(string text)
    {
        var specification = new FormatSpecification();
        var at = 0;
        if (text.Length > 1 && "<>^=".Contains(text[1]))
        {
            specification = specification with { Fill = text[0], Align = text[1] };
            at = 2;
        }
        else if (text.Length > 0 && "<>^=".Contains(text[0]))
        {
            specification = specification with { Align = text[0] };
            at = 1;
        }

        if (at < text.Length && "+- ".Contains(text[at]))
            specification = specification with { Sign = text[at++] };

        if (at < text.Length && text[at] == '#')
        {
            specification = specification with { IsAlternate = true };
            at++;
        }

        if (at < text.Length && text[at] == '0')
        {
            if (specification.Align == 0)
                specification = specification with { Fill = '0', Align = '=' };
            at++;
        }

        specification = specification with { Width = ReadNumber(text, ref at, 0) };
        if (at < text.Length && text[at] is ',' or '_')
            specification = specification with { Grouping = text[at++] };

        if (at < text.Length && text[at] == '.')
        {
            at++;
            specification = specification with { Precision = ReadNumber(text, ref at, -1) };
            if (specification.Precision < 0)
                throw TemplateException.Runtime("Format specifier missing precision");
        }

        if (at < text.Length)
            specification = specification with { Type = text[at++] };

        return at == text.Length ? specification : throw TemplateException.Runtime("Invalid format specifier");
    }

    public static int ReadNumber(string text, ref int at, int fallback)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;

        if (at == start)
            return fallback;

        return int.TryParse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture, out var number) && number <= MaxWidth
            ? number
            : throw TemplateException.Limit("A format asks for too much width or precision.");
    }

    public TextValue Format(TextValue text, Rendering rendering)
    {
        var cut = Precision >= 0 && text.Length > Precision
            ? (TextValue)Attributes.Slice(text, null, Value.From(Precision), null, rendering)
            : text;
        return Pad(TextValue.Empty, cut, Align == 0 ? '<' : Align, rendering);
    }

    public TextValue FormatInteger(BigInteger number, Rendering rendering)
    {
        var (radix, prefix) = Type switch
        {
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            'o' => (8, "0o"),
            'b' => (2, "0b"),
            _ => (10, ""),
        };
        var digits = Digits(BigInteger.Abs(number), radix);
        if (Type == 'X')
            digits = digits.ToUpperInvariant();

        return FormatNumber(number.Sign < 0, IsAlternate ? prefix : "", Group(digits, radix == 10 ? 3 : 4), "", rendering);
    }

    public TextValue FormatFloat(double number, Rendering rendering)
    {
        var isNegative = double.IsNegative(number) && !double.IsNaN(number);
        if (FloatText.Special(Math.Abs(number)) is { } special)
            return FormatNumber(isNegative, "", char.IsAsciiLetterUpper(Type) ? special.ToUpperInvariant() : special, "", rendering);

        var precision = Precision < 0 ? 6 : Precision;
        rendering.Charge(precision);
        var text = char.ToLowerInvariant(Type) switch
        {
            'e' => FloatText.Exponential(number, precision),
            'f' => FloatText.Fixed(number, precision),
            '%' => FloatText.Fixed(number * 100, precision),
            'g' => FloatText.General(number, precision, IsAlternate),
            _ when Precision >= 0 => WithFraction(FloatText.General(number, Precision)),
            _ => FloatText.Repr(Math.Abs(number)),
        };
        if (char.IsAsciiLetterUpper(Type))
            text = text.ToUpperInvariant();

        var point = text.AsSpan().IndexOfAny('.', 'e', 'E');
        var whole = point < 0 ? text : text[..point];
        var rest = (point < 0 ? "" : text[point..]) + (Type == '%' ? "%" : "");
        return FormatNumber(isNegative, "", Group(whole, 3), rest, rendering);
    }

    private static string WithFraction(string text) =>
        text.AsSpan().ContainsAny('.', 'e') ? text : text + ".0";

    private TextValue FormatNumber(bool isNegative, string prefix, string digits, string rest, Rendering rendering)
    {
        var sign = isNegative ? "-" : Sign == '-' ? "" : Sign.ToString();
        return Pad(new TextValue(sign + prefix), new TextValue(digits + rest), Align == 0 ? '>' : Align, rendering);
    }

    private TextValue Pad(TextValue head, TextValue body, char align, Rendering rendering)
    {
        var room = Math.Max(0, Width - head.Length - body.Length);
        rendering.Charge(room + body.Text.Length);
        var left = align switch { '<' => 0, '^' => room / 2, _ => room };
        var builder = new TextBuilder();
        if (align == '=')
            builder.Append(head);

        builder.Append(new string(Fill, left));
        if (align != '=')
            builder.Append(head);

        builder.Append(body);
        builder.Append(new string(Fill, room - left));
        return builder.ToText();
    }

    private string Group(string digits, int size)
    {
        if (Grouping == 0)
            return digits;

        var groups = new List<string>();
        for (var end = digits.Length; end > 0; end -= size)
            groups.Insert(0, digits[Math.Max(0, end - size)..end]);

        return string.Join(Grouping, groups);
    }

    private static string Digits(BigInteger number, int radix)
    {
        if (radix == 10)
            return PythonText.Scalar(IntegerValue.Of(number));

        if (number.IsZero)
            return "0";

        var bits = radix switch { 16 => 4, 8 => 3, _ => 1 };
        var digits = new char[(number.GetBitLength() + bits - 1) / bits];
        for (var i = digits.Length - 1; i >= 0; i--)
        {
            digits[i] = "0123456789abcdef"[(int)(number & (radix - 1))];
            number >>= bits;
        }

        return new string(digits);
    }
}
