using System.Globalization;

namespace ModelRunner.Grammars.Schema;

/// <summary>A decimal number of any size: digits before and behind the point, without zeros that mean nothing.</summary>
/// <param name="IsNegative">Whether it is below zero.</param>
/// <param name="Integer">Digits before the point, at least one.</param>
/// <param name="Fraction">Digits behind it, possibly none.</param>
internal readonly record struct DecimalText(bool IsNegative, string Integer, string Fraction)
{
    private const int MaxExponent = 400;

    public bool IsZero => Integer == "0" && Fraction.Length == 0;

    public bool IsInteger => Fraction.Length == 0;

    public string Absolute => Fraction.Length == 0 ? Integer : $"{Integer}.{Fraction}";

    public override string ToString() => IsNegative ? "-" + Absolute : Absolute;

    /// <summary>Reads a JSON number; null when its exponent is beyond all use.</summary>
    public static DecimalText? Parse(string text)
    {
        var isNegative = text.StartsWith('-');
        var mantissa = isNegative ? text[1..] : text;
        var exponent = 0;
        var mark = mantissa.IndexOfAny(['e', 'E']);
        if (mark >= 0)
        {
            if (!int.TryParse(mantissa[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
                || Math.Abs(exponent) > MaxExponent)
                return null;
            mantissa = mantissa[..mark];
        }

        var point = mantissa.IndexOf('.');
        var integer = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? "" : mantissa[(point + 1)..];
        if (exponent > 0)
        {
            fraction = fraction.PadRight(exponent, '0');
            integer += fraction[..exponent];
            fraction = fraction[exponent..];
        }
        else if (exponent < 0)
        {
            integer = integer.PadLeft(1 - exponent, '0');
            fraction = integer[(integer.Length + exponent)..] + fraction;
            integer = integer[..(integer.Length + exponent)];
        }

        integer = integer.TrimStart('0');
        fraction = fraction.TrimEnd('0');
        if (integer.Length == 0)
            integer = "0";

        return new DecimalText(isNegative && (integer != "0" || fraction.Length > 0), integer, fraction);
    }
}
