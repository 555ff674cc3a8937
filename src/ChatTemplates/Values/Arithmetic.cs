using System.Numerics;
using ModelRunner.ChatTemplates.Compilation;

namespace ModelRunner.ChatTemplates.Values;

/// <summary>Python's operators.</summary>
internal static partial class Arithmetic
{
    /// <summary>Python refuses to print or read longer whole numbers.</summary>
    public const int MaxDigits = 4300;

    private const int MaxBits = 1 << 16;

    public static Value Add(Value left, Value right, Rendering rendering)
    {
        switch (left, right)
        {
            case (TextValue a, TextValue b):
                return Concatenate(a, b, rendering);
            case (ListValue a, ListValue b) when a.IsTuple == b.IsTuple:
                rendering.ChargeItems(a.Items.Count + b.Items.Count);
                return new ListValue([.. a.Items, .. b.Items], a.IsTuple);
            default:
                if (TryIntegers(left, right, out var x, out var y))
                    return Integer(x + y);

                return TryFloats(left, right, out var p, out var q)
                    ? new FloatValue(p + q)
                    : throw Unsupported("+", left, right);
        }
    }

    public static Value Subtract(Value left, Value right)
    {
        if (TryIntegers(left, right, out var x, out var y))
            return Integer(x - y);

        return TryFloats(left, right, out var p, out var q) ? new FloatValue(p - q) : throw Unsupported("-", left, right);
    }

    public static Value Multiply(Value left, Value right, Rendering rendering)
    {
        if (TryIntegers(left, right, out var x, out var y))
        {
            rendering.ChargeItems((x.GetBitLength() + y.GetBitLength()) / 64);
            return Integer(x * y);
        }

        if (TryFloats(left, right, out var p, out var q))
            return new FloatValue(p * q);

        if (left is BooleanValue or IntegerValue)
            (left, right) = (right, left);

        if (right is not (BooleanValue or IntegerValue))
            throw Unsupported("*", left, right);

        var count = Operations.RequireInteger(right, "count");
        if (left is TextValue or ListValue && (count > long.MaxValue || count < long.MinValue))
            throw TemplateException.Runtime("cannot fit 'int' into an index-sized integer");

        switch (left)
        {
            case TextValue text:
                if (count <= 0 || text.Text.Length == 0)
                    return TextValue.Empty;

                var length = count * text.Text.Length;
                rendering.Charge(length > int.MaxValue ? long.MaxValue : (long)length);
                return Repetition.Of(text, (int)count);
            case ListValue list:
                if (count <= 0 || list.Items.Count == 0)
                    return new ListValue([], list.IsTuple);

                var total = count * list.Items.Count;
                rendering.ChargeItems(total > int.MaxValue ? long.MaxValue : (long)total);
                var items = new List<Value>((int)total);
                for (var i = (int)count; i > 0; i--)
                    items.AddRange(list.Items);

                return new ListValue(items, list.IsTuple);
            default:
                throw Unsupported("*", left, right);
        }
    }

    public static Value Divide(Value left, Value right)
    {
        if (TryIntegers(left, right, out var x, out var y))
            return new FloatValue(!y.IsZero ? Ratio(x, y) : throw TemplateException.Runtime("division by zero"));

        if (!TryFloats(left, right, out var p, out var q))
            throw Unsupported("/", left, right);

        return new FloatValue(q != 0 ? p / q : throw TemplateException.Runtime("division by zero"));
    }

    public static Value FloorDivide(Value left, Value right)
    {
        if (TryIntegers(left, right, out var x, out var y))
        {
            if (y.IsZero)
                throw TemplateException.Runtime("integer division or modulo by zero");

            var quotient = BigInteger.DivRem(x, y, out var remainder);
            return Integer(!remainder.IsZero && (remainder.Sign < 0) != (y.Sign < 0) ? quotient - 1 : quotient);
        }

        if (!TryFloats(left, right, out var p, out var q))
            throw Unsupported("//", left, right);

        if (q == 0)
            throw TemplateException.Runtime("float floor division by zero");

        return new FloatValue(FloorDivide(p, q));
    }

    public static Value Modulo(Value left, Value right, Rendering rendering)
    {
        if (left is TextValue format)
            return Printing.PercentFormat.Apply(format, right, rendering);

        if (TryIntegers(left, right, out var x, out var y))
        {
            if (y.IsZero)
                throw TemplateException.Runtime("integer modulo by zero");

            var remainder = BigInteger.Remainder(x, y);
            return Integer(!remainder.IsZero && (remainder.Sign < 0) != (y.Sign < 0) ? remainder + y : remainder);
        }

        if (!TryFloats(left, right, out var p, out var q))
            throw Unsupported("%", left, right);

        if (q == 0)
            throw TemplateException.Runtime("float modulo");

        return new FloatValue(FloorModulo(p, q));
    }

    public static Value Power(Value left, Value right, Rendering rendering)
    {
        if (TryIntegers(left, right, out var x, out var y) && y >= 0)
        {
            if (x.IsOne || x.IsZero)
                return Integer(y.IsZero ? BigInteger.One : x);

            if (y > MaxBits || x.GetBitLength() * (long)y > MaxBits)
                throw TemplateException.Limit($"A whole number of more than {MaxBits} bits.");

            rendering.ChargeItems(x.GetBitLength() * (long)y / 64);
            return Integer(BigInteger.Pow(x, (int)y));
        }

        if (!TryFloats(left, right, out var p, out var q))
            throw Unsupported("** or pow()", left, right);

        if (p == 0 && q < 0)
            throw TemplateException.Runtime("0.0 cannot be raised to a negative power");

        if (p < 0 && q != Math.Floor(q) && double.IsFinite(q))
            throw TemplateException.Runtime("A power is a complex number, which templates do not have.");

        var power = Math.Pow(p, q);
        return double.IsInfinity(power) && double.IsFinite(p) && double.IsFinite(q)
            ? throw TemplateException.Runtime("(34, 'Numerical result out of range')")
            : new FloatValue(power);
    }

    public static Value Negate(Value value) => value switch
    {
        FloatValue real => new FloatValue(-real.Number),
        BooleanValue or IntegerValue => Integer(-Operations.RequireInteger(value, "operand")),
        UndefinedValue undefined => throw undefined.Used(),
        _ => throw TemplateException.Runtime($"bad operand type for unary -: '{value.TypeName}'"),
    };

    public static Value Plus(Value value) => value switch
    {
        FloatValue real => new FloatValue(real.Number),
        BooleanValue or IntegerValue => Integer(Operations.RequireInteger(value, "operand")),
        UndefinedValue undefined => throw undefined.Used(),
        _ => throw TemplateException.Runtime($"bad operand type for unary +: '{value.TypeName}'"),
    };

    public static TextValue Concatenate(TextValue left, TextValue right, Rendering rendering)
    {
        if (left.IsSafe != right.IsSafe)
        {
            left = left.IsSafe ? left : Printing.MarkupText.Escape(left);
            right = right.IsSafe ? right : Printing.MarkupText.Escape(right);
        }

        rendering.Charge(left.Text.Length + right.Text.Length);
        if (left.Marks.Length == 0 && right.Marks.Length == 0)
            return new TextValue(left.Text + right.Text, null, left.IsSafe);

        var builder = new TextBuilder();
        builder.Append(left);
        builder.Append(right);
        var joined = builder.ToText();
        return left.IsSafe ? new TextValue(joined.Text, joined.Marks, isSafe: true) : joined;
    }

    /// <summary>Order of two numbers, exactly: whole ones and fractions too. NaN is unequal to all.</summary>
    public static int Compare(Value left, Value right)
    {
        if (TryIntegers(left, right, out var x, out var y))
            return Math.Sign(x.CompareTo(y));

        TryFloats(left, right, out var p, out var q, isExact: false);
        if (double.IsNaN(p) || double.IsNaN(q))
            return 2;

        if (double.IsInfinity(p) || double.IsInfinity(q) || (left is FloatValue && right is FloatValue))
            return p.CompareTo(q);

        // One is whole: compare whole parts first, then the fraction decides.
        var isLeftWhole = left is not FloatValue;
        var whole = Operations.RequireInteger(isLeftWhole ? left : right, "operand");
        var real = isLeftWhole ? q : p;
        var floor = Math.Floor(real);
        var order = Math.Sign(whole.CompareTo(new BigInteger(floor)));
        if (order == 0)
            order = real > floor ? -1 : 0;

        return isLeftWhole ? order : -order;
    }

    public static int ToIndex(Value value, string name)
    {
        var number = Operations.RequireInteger(value, name);
        return number > int.MaxValue ? int.MaxValue : number < int.MinValue ? int.MinValue : (int)number;
    }

    private static TemplateException Unsupported(string sign, Value left, Value right)
    {
        if (left is UndefinedValue undefined)
            return undefined.Used();

        if (right is UndefinedValue other)
            return other.Used();

        return TemplateException.Runtime(
            $"unsupported operand type(s) for {sign}: '{left.TypeName}' and '{right.TypeName}'");
    }
}
