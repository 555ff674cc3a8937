namespace ModelRunner.Gguf;

/// <summary>Facts about the types of metadata values.</summary>
public static class GgufValueTypes
{
    /// <summary>Bytes of one value, or 0 where the length varies (text, arrays) or the type is unknown.</summary>
    public static int SizeInBytes(this GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Boolean => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };

    /// <summary>True for the types that the specification names.</summary>
    public static bool IsKnown(this GgufValueType type) => type is >= GgufValueType.UInt8 and <= GgufValueType.Float64;

    internal static bool IsInteger(this GgufValueType type) =>
        type.SizeInBytes() > 0 && !type.IsFloat() && type != GgufValueType.Boolean;

    internal static bool IsFloat(this GgufValueType type) => type is GgufValueType.Float32 or GgufValueType.Float64;
}
