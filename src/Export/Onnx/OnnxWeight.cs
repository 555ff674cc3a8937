namespace ModelRunner.Export.Onnx;

/// <summary>An initializer in the external data file, written when its turn comes.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Type">Of the elements.</param>
/// <param name="Shape">Elements of each dimension, the contiguous one last.</param>
/// <param name="Write">Writes exactly <see cref="SizeInBytes"/> bytes; null where the bytes are another's.</param>
/// <param name="SharedWith">The weight written before this one whose bytes these are, or null.</param>
internal sealed record OnnxWeight(
    string Name, OnnxElementType Type, IReadOnlyList<long> Shape, Action<Stream>? Write, string? SharedWith = null)
{
    public long SizeInBytes => Shape.Aggregate(1L, (product, length) => checked(product * length)) * Type switch
    {
        OnnxElementType.UInt8 or OnnxElementType.Int8 => 1,
        OnnxElementType.Float16 => 2,
        OnnxElementType.Int64 => 8,
        _ => 4,
    };
}
