using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ModelRunner.Gguf;

namespace ModelRunner.Export;

/// <summary>
/// Decodes rows of tensors exactly as ggml's <c>dequantize_row_*</c> do: the same products in single precision, in the
/// same order. Block formats as in <c>ggml-common.h</c>; the super-blocks are in <c>SuperBlocks</c>.
/// </summary>
public static class Dequantizer
{
    /// <summary>True for the types that can be decoded.</summary>
    public static bool Supports(GgufTensorType type) => type is GgufTensorType.F32 or GgufTensorType.F16
        or GgufTensorType.BF16 or GgufTensorType.Q8_0 or GgufTensorType.Q4_0 or GgufTensorType.Q4_1
        or GgufTensorType.Q5_0 or GgufTensorType.Q5_1 or GgufTensorType.Q4_K or GgufTensorType.Q5_K or GgufTensorType.Q6_K;

    /// <summary>Decodes exactly the encoded elements.</summary>
    /// <exception cref="NotSupportedException">The type is not supported.</exception>
    public static void Decode(GgufTensorType type, ReadOnlySpan<byte> encoded, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(encoded.Length, Quantizer.SizeInBytes(type, values.Length));
        switch (type)
        {
            case GgufTensorType.F32:
                encoded.CopyTo(MemoryMarshal.AsBytes(values));
                return;
            case GgufTensorType.F16:
                for (var i = 0; i < values.Length; i++)
                    values[i] = Half(encoded[(2 * i)..]);
                return;
            case GgufTensorType.BF16:
                for (var i = 0; i < values.Length; i++)
                    values[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(encoded[(2 * i)..]) << 16);
                return;
            default:
                break;
        }

        var length = type.BlockLength();
        var size = type.BlockSizeInBytes();
        for (; !values.IsEmpty; values = values[length..], encoded = encoded[size..])
            DecodeBlock(type, encoded[..size], values[..length]);
    }

    internal static float Half(ReadOnlySpan<byte> bytes) => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);

    private static void DecodeBlock(GgufTensorType type, ReadOnlySpan<byte> block, Span<float> values)
    {
        switch (type)
        {
            case GgufTensorType.Q8_0:
                DecodeQ8(Half(block), block[2..], values);
                break;
            case GgufTensorType.Q4_0:
                DecodeNibbles(Half(block), 0, -8, 0, block[2..], values);
                break;
            case GgufTensorType.Q4_1:
                DecodeNibbles(Half(block), Half(block[2..]), 0, 0, block[4..], values);
                break;
            case GgufTensorType.Q5_0:
                DecodeNibbles(Half(block), 0, -16, BinaryPrimitives.ReadUInt32LittleEndian(block[2..]), block[6..], values);
                break;
            case GgufTensorType.Q5_1:
                DecodeNibbles(Half(block), Half(block[2..]), 0, BinaryPrimitives.ReadUInt32LittleEndian(block[4..]), block[8..], values);
                break;
            case GgufTensorType.Q4_K:
                SuperBlocks.DecodeQ4(block, values);
                break;
            case GgufTensorType.Q5_K:
                SuperBlocks.DecodeQ5(block, values);
                break;
            case GgufTensorType.Q6_K:
                SuperBlocks.DecodeQ6(block, values);
                break;
            default:
                throw new NotSupportedException($"There is no decoder for {type}.");
        }
    }

    private static void DecodeQ8(float scale, ReadOnlySpan<byte> codes, Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = scale * (sbyte)codes[i];
    }

    /// <summary>32 elements whose low four bits are nibbles, 16 low ones first, and whose fifth bits are in one word.</summary>
    private static void DecodeNibbles(
        float scale, float minimum, int offset, uint fifthBits, ReadOnlySpan<byte> pairs, Span<float> values)
    {
        for (var i = 0; i < 16; i++)
        {
            var low = pairs[i] & 15 | (int)(fifthBits >> i & 1) << 4;
            var high = pairs[i] >> 4 | (int)(fifthBits >> (i + 16) & 1) << 4;
            values[i] = (low + offset) * scale + minimum;
            values[i + 16] = (high + offset) * scale + minimum;
        }
    }
}
