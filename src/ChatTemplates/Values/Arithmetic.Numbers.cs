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
        var value = (double)number;
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
                number = isExact ? ToDouble(integer.Number) : (double)integer.Number;
                return true;
            default:
                number = 0;
                return false;
        }
    }

    // Python divides whole numbers exactly and rounds once.
    private static double Ratio(BigInteger x, BigInteger y)
    {
        if (BigInteger.Abs(x) < 1L << 53 && BigInteger.Abs(y) < 1L << 53)
            return (double)x / (double)y;

        var shift = Math.Max(0, 66 - (int)(x.GetBitLength() - y.GetBitLength()));
        var quotient = BigInteger.DivRem(BigInteger.Abs(x) << shift, BigInteger.Abs(y), out var remainder);
        if (!remainder.IsZero)
            quotient |= 1;

        var value = Math.ScaleB((double)quotient, -shift);
        return x.Sign * y.Sign < 0 ? -value : value;
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
