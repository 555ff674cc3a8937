using System.Runtime.InteropServices;

namespace ModelRunner.Export.GenAi;

/// <summary>
/// Writes a matrix in MatMulNBits' blocks of 32: symmetric codes offset by half their range, and one fp32 scale a block.
/// Codes are written first, and the scales that they gave are kept until they are written.
/// </summary>
internal sealed class BlockEncoder(WeightMatrix matrix, int bits, CancellationToken cancellation)
{
    public const int BlockLength = 32;
    private float[]? _scales;

    /// <summary>The last block of a row is filled up with zeros.</summary>
    public int BlocksInRow => (matrix.RowLength + BlockLength - 1) / BlockLength;

    public int BlockSizeInBytes => BlockLength * bits / 8;

    /// <summary>[rows, blocks, bytes]: two elements a byte for 4 bits, the first one in the low half.</summary>
    public void WriteCodes(Stream stream)
    {
        _scales = new float[(long)matrix.RowCount * BlocksInRow];
        var values = new float[BlocksInRow * BlockLength];
        var codes = new byte[BlocksInRow * BlockSizeInBytes];
        for (var row = 0; row < matrix.RowCount; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            matrix.ReadRow(row, values.AsSpan(0, matrix.RowLength));
            for (var block = 0; block < BlocksInRow; block++)
            {
                var source = values.AsSpan(block * BlockLength, BlockLength);
                var target = codes.AsSpan(block * BlockSizeInBytes, BlockSizeInBytes);
                _scales[(long)row * BlocksInRow + block] = bits == 4 ? Encode4(source, target) : Encode8(source, target);
            }

            stream.Write(codes);
        }
    }

    /// <summary>[rows, blocks].</summary>
    public void WriteScales(Stream stream)
    {
        var scales = _scales ?? throw new InvalidOperationException("The codes come first.");
        _scales = null;
        for (var row = 0; row < matrix.RowCount; row++)
            stream.Write(MemoryMarshal.AsBytes(scales.AsSpan(row * BlocksInRow, BlocksInRow)));
    }

    /// <summary>The rule of Q8_0, so that its blocks come out as they went in.</summary>
    private static float Encode8(ReadOnlySpan<float> values, Span<byte> codes)
    {
        var scale = Math.Abs(Extreme(values)) / 127;
        var inverse = scale == 0 ? 0 : 1 / scale;
        for (var i = 0; i < codes.Length; i++)
            codes[i] = (byte)(128 + (int)MathF.Round(values[i] * inverse));
        return scale;
    }

    /// <summary>
    /// Of the scales that put the extreme on a code, the one with the smallest squared error. A block of Q4_0 has one
    /// without any error, usually the first.
    /// </summary>
    private static float Encode4(ReadOnlySpan<float> values, Span<byte> codes)
    {
        var extreme = Extreme(values);
        var best = extreme / -8;
        var smallest = SquaredError(values, best);
        for (var code = -7; code <= 7 && smallest > 0; code++)
        {
            if (code == 0)
                continue;
            var scale = extreme / code;
            var error = SquaredError(values, scale);
            if (error < smallest)
                (best, smallest) = (scale, error);
        }

        var inverse = best == 0 ? 0 : 1 / best;
        for (var i = 0; i < codes.Length; i++)
            codes[i] = (byte)(Code4(values[2 * i] * inverse) + 8 | Code4(values[2 * i + 1] * inverse) + 8 << 4);
        return best;
    }

    private static float SquaredError(ReadOnlySpan<float> values, float scale)
    {
        var inverse = scale == 0 ? 0 : 1 / scale;
        var sum = 0f;
        foreach (var value in values)
        {
            var error = Code4(value * inverse) * scale - value;
            sum += error * error;
        }

        return sum;
    }

    private static int Code4(float value) => (int)MathF.Round(Math.Clamp(value, -8, 7));

    private static float Extreme(ReadOnlySpan<float> values)
    {
        var extreme = 0f;
        foreach (var value in values)
            if (Math.Abs(value) > Math.Abs(extreme))
                extreme = value;
        return extreme;
    }
}
