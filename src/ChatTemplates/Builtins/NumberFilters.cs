using System.Globalization;
using System.Numerics;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>Filters on numbers.</summary>
internal static class NumberFilters
{
    public static readonly IReadOnlyDictionary<string, Filter> Table = new Dictionary<string, Filter>
    {
        ["abs"] = static (subject, arguments) => subject switch
        {
            FloatValue real => new FloatValue(Math.Abs(real.Number)),
            IntegerValue or BooleanValue => IntegerValue.Of(BigInteger.Abs(Operations.RequireInteger(subject, "abs"))),
            UndefinedValue undefined => throw undefined.Used(),
            _ => throw TemplateException.Runtime($"bad operand type for abs(): '{subject.TypeName}'"),
        },
        ["int"] = ToInteger,
        ["float"] = static (subject, arguments) =>
            TryReadFloat(subject, out var number) ? new FloatValue(number) : arguments.Expect(0, "default").Get(0, "default", new FloatValue(0)),
        ["round"] = Round,
        ["filesizeformat"] = FileSize,
        ["sum"] = static (subject, arguments) =>
        {
            arguments.Expect(0, "attribute", "start");
            var items = Operations.Iterate(subject, arguments.Rendering);
            var key = SelectionFilters.AttributeGetter(arguments.Get(0, "attribute"), null, arguments.Rendering);
            var total = arguments.Get(1, "start", Value.From(0));
            if (total is TextValue)
                throw TemplateException.Runtime("sum() can't sum strings [use ''.join(seq) instead]");

            foreach (var item in items)
                total = Arithmetic.Add(total, key(item), arguments.Rendering);

            return total;
        },
    };

    private static Value ToInteger(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "default", "base");
        var fallback = arguments.Get(0, "default", Value.From(0));
        if (subject is TextValue text)
        {
            arguments.Rendering.Charge(text.Text.Length);
            if (TryReadInteger(text.Text, arguments.GetInteger(1, "base", 10), out var number))
                return IntegerValue.Of(number);
        }
        else if (subject is IntegerValue or BooleanValue)
        {
            return IntegerValue.Of(Operations.RequireInteger(subject, "int"));
        }
        else if (subject is UndefinedValue undefined)
        {
            throw undefined.Used();
        }

        if (!TryReadFloat(subject, out var real) || !double.IsFinite(real))
            return fallback;

        return IntegerValue.Of(new BigInteger(Math.Truncate(real)));
    }

    // int(text, base) of Python: blanks around, a sign, a prefix that fits the base, single underscores.
    private static bool TryReadInteger(string source, int radix, out BigInteger number)
    {
        number = 0;
        var text = TextMethods.Strip(new TextValue(source), null, atStart: true, atEnd: true).Text;
        if (text.Length > Arithmetic.MaxDigits || radix is < 2 or > 36)
            return false;

        var isNegative = text.StartsWith('-');
        if (isNegative || text.StartsWith('+'))
            text = text[1..];

        var prefix = radix switch { 16 => "0x", 8 => "0o", 2 => "0b", _ => "" };
        if (prefix.Length > 0 && text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            text = text[2..];

        var wasDigit = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '_' && wasDigit && i + 1 < text.Length)
            {
                wasDigit = false;
                continue;
            }

            var digit = char.IsAsciiDigit(text[i]) ? text[i] - '0'
                : char.IsAsciiLetter(text[i]) ? char.ToLowerInvariant(text[i]) - 'a' + 10
                : CharUnicodeInfo.GetDecimalDigitValue(text[i]);
            if (digit < 0 || digit >= radix)
                return false;

            number = (number * radix) + digit;
            wasDigit = true;
        }

        number = isNegative ? -number : number;
        return wasDigit;
    }

    private static bool TryReadFloat(Value value, out double number)
    {
        switch (value)
        {
            case FloatValue real:
                number = real.Number;
                return true;
            case IntegerValue or BooleanValue:
                number = (double)Operations.RequireInteger(value, "float");
                return double.IsFinite(number);
            case TextValue text:
                var trimmed = TextMethods.Strip(text, null, atStart: true, atEnd: true).Text;
                var name = trimmed.TrimStart('+', '-').ToLowerInvariant();
                if (name is "inf" or "infinity" or "nan")
                {
                    number = name == "nan" ? double.NaN : trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
                    return trimmed.Length - name.Length <= 1;
                }

                return double.TryParse(
                    trimmed.Replace("_", "", StringComparison.Ordinal),
                    NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                    CultureInfo.InvariantCulture,
                    out number);
            case UndefinedValue undefined:
                throw undefined.Used();
            default:
                number = 0;
                return false;
        }
    }

    private static Value Round(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "precision", "method");
        var precision = arguments.GetInteger(0, "precision", 0);
        var method = arguments.GetText(1, "method")?.Text ?? "common";
        if (method is not ("common" or "ceil" or "floor"))
            throw TemplateException.Runtime("method must be common, ceil or floor");

        if (subject is UndefinedValue undefined)
            throw undefined.Used();

        if (method == "common")
        {
            return subject switch
            {
                FloatValue real => new FloatValue(FloatText.Round(real.Number, precision)),
                IntegerValue or BooleanValue => RoundInteger(Operations.RequireInteger(subject, "round"), precision),
                _ => throw TemplateException.Runtime($"type {subject.TypeName} doesn't define __round__ method"),
            };
        }

        if (!(subject is FloatValue or IntegerValue or BooleanValue && TryReadFloat(subject, out var number)))
            throw TemplateException.Runtime($"must be real number, not {subject.TypeName}");

        var scale = Math.Pow(10, precision);
        var scaled = number * scale;
        return new FloatValue((method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) / scale);
    }

    private static Value RoundInteger(BigInteger number, int precision)
    {
        if (precision >= 0)
            return IntegerValue.Of(number);

        if (precision < -Arithmetic.MaxDigits)
            return Value.From(0);

        var unit = BigInteger.Pow(10, -precision);
        var quotient = BigInteger.DivRem(BigInteger.Abs(number), unit, out var rest);
        var order = (rest * 2).CompareTo(unit);
        if (order > 0 || (order == 0 && !quotient.IsEven))
            quotient++;

        return IntegerValue.Of(number.Sign * quotient * unit);
    }

    private static TextValue FileSize(Value subject, Arguments arguments)
    {
        var isBinary = arguments.Expect(0, "binary").GetFlag(0, "binary", false);
        if (!TryReadFloat(subject, out var bytes))
            throw TemplateException.Runtime($"could not convert {subject.TypeName} to float");

        var unit = isBinary ? 1024.0 : 1000.0;
        if (bytes == 1)
            return new TextValue("1 Byte");

        if (bytes < unit)
            return new TextValue($"{(long)bytes} Bytes");

        var prefixes = isBinary ? "KiB MiB GiB TiB PiB EiB ZiB YiB" : "kB MB GB TB PB EB ZB YB";
        var size = unit;
        foreach (var prefix in prefixes.Split(' '))
        {
            size *= unit;
            if (bytes < size || prefix[0] == 'Y')
                return new TextValue($"{FloatText.Fixed(unit * bytes / size, 1)} {prefix}");
        }

        return TextValue.Empty;
    }
}
