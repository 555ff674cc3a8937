using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>Dimensions of a tensor, bounded in number and product.</summary>
internal static class TensorShape
{
    private const int MaxRank = 16;

    /// <summary>Adds a dimension.</summary>
    /// <exception cref="ModelLoadException">There are too many.</exception>
    public static void Add(List<long> shape, long length)
    {
        if (shape.Count == MaxRank)
            throw new ModelLoadException($"a tensor has more than {MaxRank} dimensions");
        shape.Add(length);
    }

    /// <summary>Adds the dimensions of a field, one or packed.</summary>
    /// <inheritdoc cref="Add"/>
    public static void AddAll(List<long> shape, in ProtoReader reader)
    {
        if (!reader.HasBytes)
        {
            Add(shape, (long)reader.Number);
            return;
        }

        // Packed: the same numbers without their tags.
        var position = 0;
        while (position < reader.Bytes.Length)
        {
            ulong value = 0;
            var shift = 0;
            byte next;
            do
            {
                if (position == reader.Bytes.Length || shift > 63)
                    throw new ModelLoadException("broken protobuf: a list of numbers ends inside one");
                next = reader.Bytes[position++];
                value |= (ulong)(next & 0x7F) << shift;
                shift += 7;
            }
            while (next >= 0x80);
            Add(shape, (long)value);
        }
    }

    /// <summary>Elements of a tensor.</summary>
    /// <exception cref="ModelLoadException">A dimension is negative, or the product too large.</exception>
    public static long CountOf(string name, List<long> shape)
    {
        Int128 total = 1;
        foreach (var length in shape)
        {
            total *= length < 0 ? throw new ModelLoadException($"'{name}' has a dimension of {length}") : length;
            if (total > long.MaxValue / 16)
                throw new ModelLoadException($"the dimensions of '{name}' are too large");
        }

        return (long)total;
    }
}
