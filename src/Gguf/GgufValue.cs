using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ModelRunner.Gguf;

/// <summary>One metadata value: a scalar, a text or an array.</summary>
public sealed class GgufValue
{
    private readonly ReadOnlyMemory<byte> _encoded;

    internal GgufValue(GgufValueType type, ReadOnlyMemory<byte> encoded)
    {
        Type = type;
        _encoded = encoded;
    }

    internal GgufValue(GgufArray array)
    {
        Type = GgufValueType.Array;
        Array = array;
    }

    public GgufValueType Type { get; }

    /// <summary>The array, or null for every other type.</summary>
    public GgufArray? Array { get; }

    /// <summary>The little-endian bytes of a scalar, or the UTF-8 bytes of a text; empty for an array.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded.Span;

    public static GgufValue From(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return new GgufValue(GgufValueType.UInt32, bytes);
    }

    public static GgufValue From(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return new GgufValue(GgufValueType.Int32, bytes);
    }

    public static GgufValue From(ushort value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return new GgufValue(GgufValueType.UInt16, bytes);
    }

    public static GgufValue From(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return new GgufValue(GgufValueType.UInt64, bytes);
    }

    public static GgufValue From(float value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return new GgufValue(GgufValueType.Float32, bytes);
    }

    public static GgufValue From(bool value) => new(GgufValueType.Boolean, new byte[] { value ? (byte)1 : (byte)0 });

    public static GgufValue From(string value) => new(GgufValueType.Text, Encoding.UTF8.GetBytes(value));

    public static GgufValue From(ReadOnlySpan<int> values)
    {
        var bytes = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * 4), values[i]);
        return new GgufValue(new GgufArray(GgufValueType.Int32, values.Length, bytes));
    }

    public static GgufValue From(ReadOnlySpan<float> values)
    {
        var bytes = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), values[i]);
        return new GgufValue(new GgufArray(GgufValueType.Float32, values.Length, bytes));
    }

    public static GgufValue From(IReadOnlyList<string> values)
    {
        var bytes = new byte[values.Sum(value => 8 + Encoding.UTF8.GetByteCount(value))];
        var position = 0;
        foreach (var value in values)
        {
            var length = Encoding.UTF8.GetBytes(value, bytes.AsSpan(position + 8));
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(position), (ulong)length);
            position += 8 + length;
        }

        return new GgufValue(new GgufArray(GgufValueType.Text, values.Count, bytes));
    }

    /// <summary>The value as an integer; false for other types and for what exceeds 63 bits.</summary>
    public bool TryGetInteger(out long value)
    {
        value = Type.IsInteger() ? DecodeInteger(Type, Encoded) : 0;
        return Type.IsInteger() && (Type != GgufValueType.UInt64 || value >= 0);
    }

    /// <summary>The value as a number, integer or not; false for other types.</summary>
    public bool TryGetNumber(out double value)
    {
        var isNumber = Type.IsInteger() || Type.IsFloat();
        value = isNumber ? DecodeNumber(Type, Encoded) : 0;
        return isNumber;
    }

    /// <summary>The value as a boolean; false for other types.</summary>
    public bool TryGetBoolean(out bool value)
    {
        value = Type == GgufValueType.Boolean && Encoded[0] != 0;
        return Type == GgufValueType.Boolean;
    }

    /// <summary>The value as text, malformed UTF-8 as replacement characters; false for other types.</summary>
    public bool TryGetText(out string value)
    {
        value = Type == GgufValueType.Text ? Encoding.UTF8.GetString(Encoded) : "";
        return Type == GgufValueType.Text;
    }

    /// <inheritdoc/>
    public override string ToString() => Type switch
    {
        GgufValueType.Array => $"{Array!.ElementType}[{Array.Count}]",
        GgufValueType.Text => Encoding.UTF8.GetString(Encoded),
        GgufValueType.Boolean => Encoded[0] != 0 ? "true" : "false",
        GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(Encoded).ToString(CultureInfo.InvariantCulture),
        _ when Type.IsFloat() => DecodeNumber(Type, Encoded).ToString(CultureInfo.InvariantCulture),
        _ => DecodeInteger(Type, Encoded).ToString(CultureInfo.InvariantCulture),
    };

    internal static long DecodeInteger(GgufValueType type, ReadOnlySpan<byte> encoded) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Boolean => encoded[0],
        GgufValueType.Int8 => (sbyte)encoded[0],
        GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(encoded),
        GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(encoded),
        GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(encoded),
        GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(encoded),
        GgufValueType.UInt64 or GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(encoded),
        _ => throw new InvalidOperationException($"{type} is not an integer."),
    };

    internal static double DecodeNumber(GgufValueType type, ReadOnlySpan<byte> encoded) => type switch
    {
        GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(encoded),
        GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(encoded),
        GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(encoded),
        _ => DecodeInteger(type, encoded),
    };
}
