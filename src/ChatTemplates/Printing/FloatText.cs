using System.Globalization;
using System.Numerics;

namespace ModelRunner.ChatTemplates.Printing;

/// <summary>Python's text of binary64 numbers.</summary>
internal static class FloatText
{
    /// <summary>The shortest text that reads back, as <c>repr</c> writes it.</summary>
    public static string Repr(double number)
    {
        if (Special(number) is { } special)
            return special;

        var (digits, exponent) = Shortest(number);
        var sign = double.IsNegative(number) ? "-" : "";
        if (exponent is < -4 or >= 16)
            return sign + Scientific(digits, exponent);

        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";

        return digits.Length <= exponent + 1
            ? $"{sign}{digits}{new string('0', exponent + 1 - digits.Length)}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    public static string? Special(double number) =>
        double.IsNaN(number) ? "nan" : double.IsInfinity(number) ? number > 0 ? "inf" : "-inf" : null;

    /// <summary>As C's <c>%.Nf</c> without the sign: exact, a tie to even.</summary>
    public static string Fixed(double number, int decimals)
    {
        var (mantissa, power) = Parts(Math.Abs(number));
        var scaled = Scale(mantissa, power, BigInteger.Pow(10, decimals));
        var digits = scaled.ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return decimals == 0 ? digits : $"{digits[..^decimals]}.{digits[^decimals..]}";
    }

    /// <summary>As C's <c>%.Ne</c> without the sign.</summary>
    public static string Exponential(double number, int decimals)
    {
        var (digits, exponent) = Significant(number, decimals + 1);
        return Mantissa(digits) + ExponentText(exponent);
    }

    /// <summary>As C's <c>%.Ng</c> without the sign.</summary>
    public static string General(double number, int precision, bool keepsZeros = false)
    {
        precision = Math.Max(1, precision);
        var (digits, exponent) = Significant(number, precision);
        string text;
        if (exponent < -4 || exponent >= precision)
        {
            if (!keepsZeros)
                digits = digits[..1] + digits[1..].TrimEnd('0');

            return Mantissa(digits) + ExponentText(exponent);
        }

        text = exponent < 0
            ? $"0.{new string('0', -exponent - 1)}{digits}"
            : digits.Length == exponent + 1 ? digits : $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
        return text.Contains('.') && !keepsZeros ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    /// <summary>Python's <c>round(number, digits)</c>: exact, a tie to even.</summary>
    public static double Round(double number, int decimals)
    {
        if (!double.IsFinite(number) || decimals > 323)
            return number;

        if (decimals >= 0)
            return Math.CopySign(double.Parse(Fixed(number, decimals), CultureInfo.InvariantCulture), number);

        if (decimals < -308)
            return Math.CopySign(0, number);

        var (mantissa, power) = Parts(Math.Abs(number));
        var unit = BigInteger.Pow(10, -decimals);
        var whole = power >= 0 ? RoundedRatio(mantissa << power, unit) : RoundedRatio(mantissa, unit << -power);
        return Math.CopySign((double)(whole * unit), number);
    }

    private static string Scientific(string digits, int exponent) => Mantissa(digits) + ExponentText(exponent);

    private static string Mantissa(string digits) => digits.Length == 1 ? digits : $"{digits[..1]}.{digits[1..]}";

    private static string ExponentText(int exponent) =>
        $"e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";

    private static (string Digits, int Exponent) Shortest(double number)
    {
        if (number == 0)
            return ("0", 0);

        var shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        var e = shortest.IndexOf('E');
        var shift = e < 0 ? 0 : int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var plain = e < 0 ? shortest : shortest[..e];
        var point = plain.IndexOf('.');
        var digits = plain.Replace(".", "", StringComparison.Ordinal);
        var exponent = (point < 0 ? plain.Length : point) - 1 + shift;
        var zeros = digits.Length - digits.TrimStart('0').Length;
        digits = digits[zeros..].TrimEnd('0');
        return (digits, exponent - zeros);
    }

    private static (string Digits, int Exponent) Significant(double number, int count)
    {
        if (number == 0)
            return (new string('0', count), 0);

        var text = Math.Abs(number).ToString("E17", CultureInfo.InvariantCulture);
        var exponent = int.Parse(text.AsSpan(text.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var (mantissa, power) = Parts(Math.Abs(number));
        while (true)
        {
            var shift = count - 1 - exponent;
            var scaled = shift >= 0
                ? Scale(mantissa, power, BigInteger.Pow(10, shift))
                : power >= 0 ? RoundedRatio(mantissa << power, BigInteger.Pow(10, -shift)) : RoundedRatio(mantissa, BigInteger.Pow(10, -shift) << -power);
            var digits = scaled.ToString(CultureInfo.InvariantCulture);
            if (digits.Length == count)
                return (digits, exponent);

            // The estimate was off by one, or rounding carried.
            exponent += digits.Length - count;
        }
    }

    // number = mantissa * 2^power
    private static (BigInteger Mantissa, int Power) Parts(double number)
    {
        var bits = BitConverter.DoubleToInt64Bits(number);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var fraction = bits & 0xFFFFFFFFFFFFF;
        return exponent == 0 ? (fraction, -1074) : (fraction | (1L << 52), exponent - 1075);
    }

    private static BigInteger Scale(BigInteger mantissa, int power, BigInteger factor) =>
        power >= 0 ? (mantissa << power) * factor : RoundedRatio(mantissa * factor, BigInteger.One << -power);

    private static BigInteger RoundedRatio(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        var order = (remainder * 2).CompareTo(denominator);
        return order > 0 || (order == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
