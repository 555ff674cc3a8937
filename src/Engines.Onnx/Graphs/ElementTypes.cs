namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>Sizes of elements.</summary>
internal static class ElementTypes
{
    /// <summary>Bits of an element; 0 for texts and unknown types, which have no fixed size.</summary>
    public static int SizeInBits(this ElementType type) => type switch
    {
        ElementType.UInt4 or ElementType.Int4 => 4,
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool => 8,
        ElementType.Float8E4M3 or ElementType.Float8E4M3Fnuz or ElementType.Float8E5M2 or ElementType.Float8E5M2Fnuz => 8,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 16,
        ElementType.Float32 or ElementType.Int32 or ElementType.UInt32 => 32,
        ElementType.Float64 or ElementType.Int64 or ElementType.UInt64 or ElementType.Complex64 => 64,
        ElementType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>Bytes of an element that has whole ones.</summary>
    public static int SizeInBytes(this ElementType type) => type.SizeInBits() / 8;

    /// <summary>Whether a sampler's logits and hidden states can be read from it.</summary>
    public static bool IsFloat(this ElementType type) =>
        type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16;
}
