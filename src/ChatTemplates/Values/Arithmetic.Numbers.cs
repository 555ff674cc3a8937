using System.Numerics;

namespace ModelRunner.ChatTemplates.Values;

// Whole numbers without a bound beside floats, as Python mixes them.
internal static partial class Arithmetic
{
    public static Value Integer(BigInteger number) =>
        number.GetBitLength() <= MaxBits
            ? IntegerValue.Of(number)
            : throw TemplateException.Limit($"A whole number of more than {MaxBits} bits.");

    public static double ToDouble(BigInteger number)
    {
        var value = Round(number);
        return double.IsInfinity(value) ? throw TemplateException.Runtime("int too large to convert to float") : value;
    }

    public static bool TryIntegers(Value left, Value right, out BigInteger x, out BigInteger y)
    {
        if (left is BooleanValue or IntegerValue && right is BooleanValue or IntegerValue)
        {
            x = Operations.RequireInteger(left, "operand");
            y = Operations.RequireInteger(right, "operand");
            return true;
        }

        x = y = default;
        return false;
    }

    private static bool TryFloats(Value left, Value right, out double p, out double q, bool isExact = true)
    {
        p = q = 0;
        return TryFloat(left, out p, isExact) && TryFloat(right, out q, isExact);
    }

    private static bool TryFloat(Value value, out double number, bool isExact)
    {
        switch (value)
        {
            case FloatValue real:
                number = real.Number;
                return true;
            case BooleanValue flag:
                number = flag.Flag ? 1 : 0;
                return true;
            case IntegerValue integer:
                number = isExact ? ToDouble(integer.Number) : Round(integer.Number);
                return true;
            default:
                number = 0;
                return false;
        }
    }

    // Python divides whole numbers exactly and rounds once: to 63 bits, the last of them standing for what is cut off.
    private static double Ratio(BigInteger x, BigInteger y)
    {
        var (over, under) = (BigInteger.Abs(x), BigInteger.Abs(y));
        var shift = 62 - (int)(over.GetBitLength() - under.GetBitLength());
        var quotient = BigInteger.DivRem(shift > 0 ? over << shift : over, shift < 0 ? under << -shift : under, out var remainder);
        var bits = (ulong)quotient | (remainder.IsZero ? 0ul : 1ul);
        var value = Math.ScaleB((double)bits, -shift);
        if (double.IsInfinity(value))
            throw TemplateException.Runtime("integer division result too large for a float");

        return (x.Sign < 0) != (y.Sign < 0) ? -value : value;
    }

    // The nearest, where the conversion of a large number would cut it off.
    private static double Round(BigInteger number)
    {
        var shift = (int)number.GetBitLength() - 63;
        if (shift <= 0)
            return (double)(long)number;

        var magnitude = BigInteger.Abs(number);
        var bits = (ulong)(magnitude >> shift) | ((magnitude & ((BigInteger.One << shift) - 1)).IsZero ? 0ul : 1ul);
        return Math.ScaleB((double)bits, shift) * number.Sign;
    }

    private static double FloorModulo(double x, double y)
    {
        var remainder = x % y;
        if (remainder == 0)
            return Math.CopySign(0, y);

        return (y < 0) != (remainder < 0) ? remainder + y : remainder;
    }

    // As CPython's float_divmod does it.
    private static double FloorDivide(double x, double y)
    {
        var remainder = x % y;
        var quotient = (x - remainder) / y;
        if (remainder != 0 && (y < 0) != (remainder < 0))
            quotient -= 1;

        if (quotient == 0)
            return Math.CopySign(0, x / y);

        var floor = Math.Floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }
}
