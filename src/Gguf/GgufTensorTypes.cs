namespace ModelRunner.Gguf;

/// <summary>Block lengths and sizes of tensor types, as libggml 0.5.0 reports them.</summary>
public static class GgufTensorTypes
{
    /// <summary>True for the types that have a block size here; every other number is refused.</summary>
    public static bool IsKnown(this GgufTensorType type) => Layout(type).Length > 0;

    /// <summary>Elements of one block; rows are whole blocks.</summary>
    public static int BlockLength(this GgufTensorType type) => Layout(type).Length;

    /// <summary>Bytes of one block.</summary>
    public static int BlockSizeInBytes(this GgufTensorType type) => Layout(type).SizeInBytes;

    /// <summary>
    /// True where libggml multiplies matrices of this type; the others (integers, doubles, and the intermediate
    /// Q8_1 and Q8_K) end the process when a weight has them.
    /// </summary>
    public static bool IsWeightType(this GgufTensorType type) => type.IsKnown() && type is not (GgufTensorType.I8
        or GgufTensorType.I16 or GgufTensorType.I32 or GgufTensorType.I64 or GgufTensorType.F64
        or GgufTensorType.Q8_1 or GgufTensorType.Q8_K);

    private static (int Length, int SizeInBytes) Layout(GgufTensorType type) => type switch
    {
        GgufTensorType.F32 or GgufTensorType.I32 => (1, 4),
        GgufTensorType.F16 or GgufTensorType.BF16 or GgufTensorType.I16 => (1, 2),
        GgufTensorType.I8 => (1, 1),
        GgufTensorType.I64 or GgufTensorType.F64 => (1, 8),
        GgufTensorType.Q4_0 or GgufTensorType.IQ4_NL => (32, 18),
        GgufTensorType.Q4_1 => (32, 20),
        GgufTensorType.Q5_0 => (32, 22),
        GgufTensorType.Q5_1 => (32, 24),
        GgufTensorType.Q8_0 => (32, 34),
        GgufTensorType.Q8_1 => (32, 36),
        GgufTensorType.MXFP4 => (32, 17),
        GgufTensorType.NVFP4 => (64, 36),
        GgufTensorType.Q2_0 => (64, 18),
        GgufTensorType.Q1_0 => (128, 18),
        GgufTensorType.Q2_K => (256, 84),
        GgufTensorType.Q3_K or GgufTensorType.IQ3_S => (256, 110),
        GgufTensorType.Q4_K => (256, 144),
        GgufTensorType.Q5_K => (256, 176),
        GgufTensorType.Q6_K => (256, 210),
        GgufTensorType.Q8_K => (256, 292),
        GgufTensorType.IQ2_XXS or GgufTensorType.TQ2_0 => (256, 66),
        GgufTensorType.IQ2_XS => (256, 74),
        GgufTensorType.IQ3_XXS => (256, 98),
        GgufTensorType.IQ1_S => (256, 50),
        GgufTensorType.IQ2_S => (256, 82),
        GgufTensorType.IQ4_XS => (256, 136),
        GgufTensorType.IQ1_M => (256, 56),
        GgufTensorType.TQ1_0 => (256, 54),
        _ => default,
    };
}
