namespace ModelRunner.Gguf;

#pragma warning disable CA1720 // The types of the format are machine types.

/// <summary>The types of metadata values, numbered as in the GGUF specification.</summary>
public enum GgufValueType
{
    UInt8 = 0,
    Int8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Boolean = 7,
    Text = 8,
    Array = 9,
    UInt64 = 10,
    Int64 = 11,
    Float64 = 12,
}
