using System.Buffers.Binary;
using ModelRunner.Gguf;

namespace ModelRunner.Export.Tests;

/// <summary>Blocks with random codes and small scales: every pattern of codes is a valid block.</summary>
internal static class RandomBlocks
{
    public static byte[] Create(GgufTensorType type, long count, int seed)
    {
        var random = new Random(seed);
        var size = type.BlockSizeInBytes();
        var encoded = new byte[count * size];
        random.NextBytes(encoded);
        int[] halves = type switch
        {
            GgufTensorType.Q6_K => [208],
            GgufTensorType.Q4_K or GgufTensorType.Q5_K or GgufTensorType.Q4_1 or GgufTensorType.Q5_1 => [0, 2],
            GgufTensorType.BF16 => [],
            _ => [0],
        };
        for (var start = 0; start < encoded.Length; start += size)
            foreach (var offset in halves)
                BinaryPrimitives.WriteHalfLittleEndian(encoded.AsSpan(start + offset), (Half)((random.NextDouble() + 0.1) * 1e-4));
        if (type == GgufTensorType.BF16)
            for (var i = 1; i < encoded.Length; i += 2)
                encoded[i] = (byte)(encoded[i] & 0x80 | 0x3C);
        return encoded;
    }
}
