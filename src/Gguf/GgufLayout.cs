namespace ModelRunner.Gguf;

/// <summary>Sizes of tensors and padding, in arithmetic that refuses to wrap.</summary>
internal static class GgufLayout
{
    public static (long ElementCount, long SizeInBytes) Measure(string name, GgufTensorType type, ReadOnlySpan<long> shape)
    {
        if (!type.IsKnown())
            throw new GgufException($"tensor '{name}' has the unknown type {(uint)type}");
        var count = 1L;
        foreach (var dimension in shape)
        {
            if (count > long.MaxValue / dimension)
                throw new GgufException($"tensor '{name}' has more elements than 64 bits can count");
            count *= dimension;
        }

        var rowLength = shape.IsEmpty ? 1 : shape[0];
        if (rowLength % type.BlockLength() != 0)
            throw new GgufException($"tensor '{name}' has rows of {rowLength}, which is not a multiple of the block length "
                + $"{type.BlockLength()} of {type}");
        var blocks = count / type.BlockLength();
        if (blocks > long.MaxValue / type.BlockSizeInBytes())
            throw new GgufException($"tensor '{name}' has more bytes than 64 bits can count");
        return (count, blocks * type.BlockSizeInBytes());
    }

    public static long Padding(long position, int alignment) => (alignment - position % alignment) % alignment;
}
