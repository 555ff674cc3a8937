using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Schema;

/// <summary>
/// Languages of JSON numbers. Where a number is constrained in any way it is written without an exponent, and zero
/// without a sign: then the spellings of a value differ in zeros at the end alone.
/// </summary>
internal sealed class NumberLanguage
{
    private readonly RxBuilder _rx;
    private readonly Rx _digit;
    private readonly Rx _nonZero;
    private readonly Rx _point;
    private readonly Rx _minus;
    private readonly Rx _fraction;
    private readonly Rx _positiveFraction;

    public NumberLanguage(RxBuilder rx)
    {
        _rx = rx;
        _digit = rx.Set(ByteSet.Range((byte)'0', (byte)'9'));
        _nonZero = rx.Set(ByteSet.Range((byte)'1', (byte)'9'));
        _point = rx.Set(ByteSet.Of((byte)'.'));
        _minus = rx.Set(ByteSet.Of((byte)'-'));
        _fraction = rx.Concat(_point, rx.Plus(_digit));
        _positiveFraction = rx.Concat(_point, rx.Star(_digit), _nonZero, rx.Star(_digit));
        var natural = rx.Or(Digits("0"), rx.Concat(_nonZero, rx.Star(_digit)));
        var positive = rx.Or(
            rx.Concat(_nonZero, rx.Star(_digit), rx.Optional(_fraction)),
            rx.Concat(Digits("0"), _positiveFraction));
        Plain = rx.Or(rx.Concat(natural, rx.Optional(_fraction)), rx.Concat(_minus, positive));
        Integer = rx.Or(natural, rx.Concat(_minus, _nonZero, rx.Star(_digit)));
        Zeros = rx.Concat(_point, rx.Plus(Digits("0")));
        Any = rx.Concat(
            rx.Optional(_minus),
            natural,
            rx.Optional(_fraction),
            rx.Optional(rx.Concat(rx.Set(ByteSet.Of("eE")), rx.Optional(rx.Set(ByteSet.Of("+-"))), rx.Plus(_digit))));
    }

    /// <summary>Every JSON number.</summary>
    public Rx Any { get; }

    /// <summary>Every number, in the spellings of constrained ones.</summary>
    public Rx Plain { get; }

    /// <summary>Integers without a point.</summary>
    public Rx Integer { get; }

    private Rx Zeros { get; }

    /// <summary>Integers with any number of zeros behind a point.</summary>
    public Rx IntegerAnySpelling => _rx.Concat(Integer, _rx.Optional(Zeros));

    /// <summary>One value.</summary>
    public Rx Equal(DecimalText value, bool anySpelling)
    {
        var text = Digits(value.ToString());
        if (!anySpelling)
            return text;

        return _rx.Concat(text, value.IsInteger ? _rx.Optional(Zeros) : _rx.Star(Digits("0")));
    }

    /// <summary>The values of a language in their shortest spelling; null stands for every number.</summary>
    public Rx OneSpelling(Rx? values)
    {
        var shortest = _rx.Concat(Integer, _rx.Optional(_rx.Concat(_point, _rx.Star(_digit), _nonZero)));
        var small = _rx.Concat(_minus, Digits("0"), _point, _rx.Star(_digit), _nonZero);
        return _rx.And(values ?? Plain, _rx.Or(shortest, small));
    }

    /// <summary>Values of at least a bound, or above it.</summary>
    public Rx AtLeast(DecimalText bound, bool isExclusive) => bound.IsNegative
        ? _rx.Or(NotNegative(), _rx.Concat(_minus, Upto(bound, isExclusive, excludeZero: true)))
        : From(bound, isExclusive);

    /// <summary>Values of at most a bound, or below it.</summary>
    public Rx AtMost(DecimalText bound, bool isExclusive)
    {
        if (bound.IsNegative)
            return _rx.Concat(_minus, From(bound, isExclusive));

        var negative = _rx.Concat(_minus, From(new DecimalText(false, "0", ""), isExclusive: true));
        return _rx.Or(negative, Upto(bound, isExclusive, excludeZero: false));
    }

    /// <summary>Multiples of a positive number; null when it has more digits than can be counted.</summary>
    public Rx? MultipleOf(DecimalText divisor)
    {
        var digits = (divisor.Integer + divisor.Fraction).TrimStart('0');
        if (!int.TryParse(digits, out var scaled) || scaled > 100_000_000)
            return null;

        // With j digits behind the point the value is the digit string over 10^j.
        var forms = new List<Rx>();
        for (var j = 0; j <= divisor.Fraction.Length; j++)
        {
            var missing = 1L;
            for (var i = j; i < divisor.Fraction.Length; i++)
                missing *= 10;

            var needed = (int)(scaled / Gcd(scaled, missing));
            var form = _rx.Multiple(needed, j);
            forms.Add(j == divisor.Fraction.Length ? _rx.Concat(form, j == 0 ? _rx.Optional(Zeros) : _rx.Star(Digits("0"))) : form);
        }

        var multiple = _rx.Or([.. forms]);
        return _rx.And(Plain, _rx.Or(multiple, _rx.Concat(_minus, multiple)));
    }

    private Rx NotNegative() => From(new DecimalText(false, "0", ""), isExclusive: false);

    /// <summary>Unsigned values of at least the bound's amount.</summary>
    private Rx From(DecimalText bound, bool isExclusive)
    {
        var length = bound.Integer.Length;
        var branches = new List<Rx>
        {
            // A longer integer part, or one as long with a greater digit.
            _rx.Concat(_nonZero, _rx.Repeat(_digit, length, Rx.Unbounded), _rx.Optional(_fraction)),
        };
        for (var i = 0; i < length; i++)
            if (bound.Integer[i] < '9')
                branches.Add(_rx.Concat(Digits(bound.Integer[..i]), Between(bound.Integer[i] + 1, '9'), _rx.Repeat(_digit, length - 1 - i, length - 1 - i), _rx.Optional(_fraction)));

        var same = Digits(bound.Integer);
        if (bound.Fraction.Length == 0)
        {
            branches.Add(_rx.Concat(same, isExclusive ? _positiveFraction : _rx.Optional(_fraction)));
            return _rx.Or([.. branches]);
        }

        for (var i = 0; i < bound.Fraction.Length; i++)
            if (bound.Fraction[i] < '9')
                branches.Add(_rx.Concat(same, _point, Digits(bound.Fraction[..i]), Between(bound.Fraction[i] + 1, '9'), _rx.Star(_digit)));

        var rest = isExclusive ? _rx.Concat(_rx.Star(_digit), _nonZero, _rx.Star(_digit)) : _rx.Star(_digit);
        branches.Add(_rx.Concat(same, _point, Digits(bound.Fraction), rest));
        return _rx.Or([.. branches]);
    }

    /// <summary>Unsigned values of at most the bound's amount.</summary>
    private Rx Upto(DecimalText bound, bool isExclusive, bool excludeZero)
    {
        var length = bound.Integer.Length;
        var branches = new List<Rx>();
        if (length > 1)
        {
            branches.Add(_rx.Concat(_nonZero, _rx.Repeat(_digit, 0, length - 2), _rx.Optional(_fraction)));
            branches.Add(_rx.Concat(Digits("0"), _rx.Optional(_fraction)));
        }

        for (var i = 0; i < length; i++)
        {
            var least = i == 0 && length > 1 ? '1' : '0';
            if (bound.Integer[i] > least)
                branches.Add(_rx.Concat(Digits(bound.Integer[..i]), Between(least, bound.Integer[i] - 1), _rx.Repeat(_digit, length - 1 - i, length - 1 - i), _rx.Optional(_fraction)));
        }

        var same = Digits(bound.Integer);
        for (var i = 0; i < bound.Fraction.Length; i++)
        {
            // Ending here is less, as a digit that is not 0 would still come; so is a smaller digit.
            branches.Add(i == 0 ? same : _rx.Concat(same, _point, Digits(bound.Fraction[..i])));
            if (bound.Fraction[i] > '0')
                branches.Add(_rx.Concat(same, _point, Digits(bound.Fraction[..i]), Between('0', bound.Fraction[i] - 1), _rx.Star(_digit)));
        }

        if (!isExclusive)
            branches.Add(Equal(bound with { IsNegative = false }, anySpelling: true));

        var all = _rx.Or([.. branches]);
        return excludeZero ? _rx.Except(all, Equal(new DecimalText(false, "0", ""), anySpelling: true)) : all;
    }

    private Rx Between(int low, int high) => _rx.Set(ByteSet.Range((byte)low, (byte)high));

    private Rx Digits(string text) => _rx.Literal(System.Text.Encoding.ASCII.GetBytes(text));

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
