using System.Buffers.Binary;
using ModelRunner.Gguf;

namespace ModelRunner.Export.Tests;

/// <summary>Random blocks against the formats' definitions, element by element, as ggml-common.h and ggml-quants.c state them.</summary>
public sealed class DequantizerTests
{
    [Theory]
    [InlineData(GgufTensorType.Q4_0)]
    [InlineData(GgufTensorType.Q4_1)]
    [InlineData(GgufTensorType.Q5_0)]
    [InlineData(GgufTensorType.Q5_1)]
    [InlineData(GgufTensorType.Q8_0)]
    [InlineData(GgufTensorType.Q4_K)]
    [InlineData(GgufTensorType.Q5_K)]
    [InlineData(GgufTensorType.Q6_K)]
    [InlineData(GgufTensorType.F16)]
    [InlineData(GgufTensorType.BF16)]
    public void Decode_RandomBlocks_GivesTheDefinitionsValues(GgufTensorType type)
    {
        const int blocks = 200;
        var encoded = RandomBlocks.Create(type, blocks, seed: 5);
        var values = new float[blocks * type.BlockLength()];

        Dequantizer.Decode(type, encoded, values);

        for (var i = 0; i < values.Length; i++)
        {
            var block = encoded.AsSpan(i / type.BlockLength() * type.BlockSizeInBytes(), type.BlockSizeInBytes());
            Assert.Equal(Define(type, block, i % type.BlockLength()), values[i]);
        }
    }

    [Fact]
    public void Decode_UnknownType_IsRefused() =>
        Assert.Throws<NotSupportedException>(() => Dequantizer.Decode(GgufTensorType.Q2_K, new byte[84], new float[256]));

    private static float Define(GgufTensorType type, ReadOnlySpan<byte> block, int i) => type switch
    {
        GgufTensorType.F16 => Half(block, 0),
        GgufTensorType.BF16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(block) << 16),
        GgufTensorType.Q8_0 => Half(block, 0) * (sbyte)block[2 + i],
        GgufTensorType.Q4_0 => (Nibble(block[2..], i) - 8) * Half(block, 0),
        GgufTensorType.Q4_1 => Nibble(block[4..], i) * Half(block, 0) + Half(block, 2),
        GgufTensorType.Q5_0 => (Nibble(block[6..], i) + 16 * Bit(block[2..], i) - 16) * Half(block, 0),
        GgufTensorType.Q5_1 => (Nibble(block[8..], i) + 16 * Bit(block[4..], i)) * Half(block, 0) + Half(block, 2),
        GgufTensorType.Q4_K => DefineScaled(block, i, Code4(block[16..], i)),
        GgufTensorType.Q5_K => DefineScaled(block, i, Code4(block[48..], i) + 16 * (block[16 + i % 32] >> i / 32 & 1)),
        GgufTensorType.Q6_K => DefineQ6(block, i),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The scales of a K block: eight 6-bit pairs in twelve bytes (get_scale_min_k4).</summary>
    private static float DefineScaled(ReadOnlySpan<byte> block, int i, int code)
    {
        var q = block.Slice(4, 12);
        var j = i / 32;
        int scale, minimum;
        if (j < 4)
            (scale, minimum) = (q[j] & 63, q[j + 4] & 63);
        else
        {
            scale = (q[j + 4] & 0xF) | ((q[j - 4] >> 6) << 4);
            minimum = (q[j + 4] >> 4) | ((q[j] >> 6) << 4);
        }

        return Half(block, 0) * scale * code - Half(block, 2) * minimum;
    }

    private static float DefineQ6(ReadOnlySpan<byte> block, int i)
    {
        var (n, l) = (i / 128, i % 32);
        var ql = block[(64 * n)..];
        var qh = block[128 + 32 * n + l];
        var code = (i % 128 / 32) switch
        {
            0 => (ql[l] & 0xF) | (((qh >> 0) & 3) << 4),
            1 => (ql[l + 32] & 0xF) | (((qh >> 2) & 3) << 4),
            2 => (ql[l] >> 4) | (((qh >> 4) & 3) << 4),
            _ => (ql[l + 32] >> 4) | (((qh >> 6) & 3) << 4),
        };
        return Half(block, 208) * (sbyte)block[192 + i / 16] * (code - 32);
    }

    private static int Code4(ReadOnlySpan<byte> pairs, int i) =>
        i % 64 < 32 ? pairs[i / 64 * 32 + i % 32] & 0xF : pairs[i / 64 * 32 + i % 32] >> 4;

    private static int Nibble(ReadOnlySpan<byte> pairs, int i) => i < 16 ? pairs[i] & 0xF : pairs[i - 16] >> 4;

    private static int Bit(ReadOnlySpan<byte> word, int i) => word[i / 8] >> i % 8 & 1;

    private static float Half(ReadOnlySpan<byte> block, int offset) => (float)BinaryPrimitives.ReadHalfLittleEndian(block[offset..]);
}
