using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ModelRunner.Gguf;

namespace ModelRunner.Export;

/// <summary>
/// Encodes rows of the tensor types that generated models use. Block formats as in ggml's
/// <c>ggml-common.h</c>: Q8_0 is a half scale and 32 signed bytes, Q4_0 a half scale and 16 bytes whose low nibbles are
/// elements 0 to 15 and whose high nibbles are 16 to 31, offset by 8.
/// </summary>
public static class Quantizer
{
    private const int BlockLength = 32;

    /// <summary>True for F32, F16, Q8_0 and Q4_0.</summary>
    public static bool Supports(GgufTensorType type) =>
        type is GgufTensorType.F32 or GgufTensorType.F16 or GgufTensorType.Q8_0 or GgufTensorType.Q4_0;

    /// <summary>Bytes that <paramref name="count"/> elements take.</summary>
    /// <exception cref="ArgumentException">The count is not whole blocks.</exception>
    public static int SizeInBytes(GgufTensorType type, int count) => count % type.BlockLength() == 0
        ? count / type.BlockLength() * type.BlockSizeInBytes()
        : throw new ArgumentException($"{count} elements are not whole blocks of {type}.", nameof(count));

    /// <summary>Encodes finite values into exactly <see cref="SizeInBytes"/> bytes.</summary>
    public static void Encode(GgufTensorType type, ReadOnlySpan<float> values, Span<byte> encoded)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(encoded.Length, SizeInBytes(type, values.Length));
        switch (type)
        {
            case GgufTensorType.F32:
                MemoryMarshal.AsBytes(values).CopyTo(encoded);
                break;
            case GgufTensorType.F16:
                for (var i = 0; i < values.Length; i++)
                    BinaryPrimitives.WriteHalfLittleEndian(encoded[(2 * i)..], (Half)values[i]);
                break;
            case GgufTensorType.Q8_0:
                for (; !values.IsEmpty; values = values[BlockLength..], encoded = encoded[34..])
                    EncodeQ8(values[..BlockLength], encoded[..34]);
                break;
            case GgufTensorType.Q4_0:
                for (; !values.IsEmpty; values = values[BlockLength..], encoded = encoded[18..])
                    EncodeQ4(values[..BlockLength], encoded[..18]);
                break;
            default:
                throw new NotSupportedException($"There is no encoder for {type}.");
        }
    }

    private static void EncodeQ8(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = MaxMagnitude(values, out _) / 127;
        var inverse = scale == 0 ? 0 : 1 / scale;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        for (var i = 0; i < BlockLength; i++)
            block[2 + i] = (byte)(sbyte)Round(values[i] * inverse);
    }

    private static void EncodeQ4(ReadOnlySpan<float> values, Span<byte> block)
    {
        // The signed extreme becomes -8, the end of the range that has one step more.
        MaxMagnitude(values, out var extreme);
        var scale = extreme / -8;
        var inverse = scale == 0 ? 0 : 1 / scale;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        for (var i = 0; i < BlockLength / 2; i++)
            block[2 + i] = (byte)(Nibble(values[i] * inverse) | Nibble(values[i + BlockLength / 2] * inverse) << 4);
    }

    private static int Nibble(float value) => Math.Min(15, (int)(value + 8.5f));

    // Half away from zero, without the call that MathF.Round with a mode costs.
    private static int Round(float value) => (int)(value + (value < 0 ? -0.5f : 0.5f));

    private static float MaxMagnitude(ReadOnlySpan<float> values, out float extreme)
    {
        extreme = 0;
        foreach (var value in values)
            if (Math.Abs(value) > Math.Abs(extreme))
                extreme = value;
        return Math.Abs(extreme);
    }
}
