namespace ModelRunner.Export;

/// <summary>
/// ggml's super-blocks of 256 elements. Q4_K and Q5_K: half scale and half minimum, 12 bytes with eight 6-bit scales and
/// minimums, then the codes of sub-blocks of 32. Q6_K: the codes' low and high bits, sixteen signed 8-bit scales of
/// sub-blocks of 16, and a half scale.
/// </summary>
internal static class SuperBlocks
{
    private const int ScalesInBytes = 12;

    public static void DecodeQ4(ReadOnlySpan<byte> block, Span<float> values) =>
        DecodeScaled(block, [], block[(4 + ScalesInBytes)..], values);

    public static void DecodeQ5(ReadOnlySpan<byte> block, Span<float> values) =>
        DecodeScaled(block, block.Slice(4 + ScalesInBytes, 32), block[(4 + ScalesInBytes + 32)..], values);

    public static void DecodeQ6(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = Dequantizer.Half(block[208..]);
        for (var half = 0; half < 2; half++)
        {
            var low = block.Slice(64 * half, 64);
            var high = block.Slice(128 + 32 * half, 32);
            var scales = block.Slice(192 + 8 * half, 8);
            for (var i = 0; i < 128; i++)
            {
                // Four runs of 32: the low nibbles of both halves of `low`, then the high ones.
                var run = i / 32;
                var code = low[i % 64] >> 4 * (run / 2) & 15 | (high[i % 32] >> 2 * run & 3) << 4;
                values[128 * half + i] = scale * (sbyte)scales[i / 16] * (code - 32);
            }
        }
    }

    private static void DecodeScaled(ReadOnlySpan<byte> block, ReadOnlySpan<byte> fifthBits, ReadOnlySpan<byte> pairs, Span<float> values)
    {
        var scale = Dequantizer.Half(block);
        var minimum = Dequantizer.Half(block[2..]);
        var packed = block.Slice(4, ScalesInBytes);
        for (var sub = 0; sub < 8; sub++)
        {
            var (subScale, subMinimum) = Unpack(packed, sub);
            var step = scale * subScale;
            var lowest = minimum * subMinimum;
            // Sub-blocks 2n and 2n + 1 are the low and the high nibbles of the same 32 bytes.
            var codes = pairs.Slice(32 * (sub / 2), 32);
            for (var i = 0; i < 32; i++)
            {
                var code = codes[i] >> 4 * (sub % 2) & 15;
                if (!fifthBits.IsEmpty)
                    code |= (fifthBits[i] >> sub & 1) << 4;
                values[32 * sub + i] = step * code - lowest;
            }
        }
    }

    /// <summary>The first four pairs have six bits each; the upper two bits of the last four are in the first bytes.</summary>
    private static (int Scale, int Minimum) Unpack(ReadOnlySpan<byte> packed, int sub) => sub < 4
        ? (packed[sub] & 63, packed[sub + 4] & 63)
        : (packed[sub + 4] & 15 | packed[sub - 4] >> 6 << 4, packed[sub + 4] >> 4 | packed[sub] >> 6 << 4);
}
