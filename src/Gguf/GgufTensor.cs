namespace ModelRunner.Gguf;

/// <summary>One checked entry of the tensor table.</summary>
public sealed class GgufTensor
{
    internal GgufTensor(string name, GgufTensorType type, long[] shape, long elementCount, long sizeInBytes, long offset)
    {
        Name = name;
        Type = type;
        Shape = shape;
        ElementCount = elementCount;
        SizeInBytes = sizeInBytes;
        Offset = offset;
    }

    /// <summary>Unique in the model.</summary>
    public string Name { get; }

    public GgufTensorType Type { get; }

    /// <summary>Elements of each dimension, the contiguous one (the row length) first: 0 to 4 dimensions.</summary>
    public IReadOnlyList<long> Shape { get; }

    public long ElementCount { get; }

    /// <summary>Bytes of the data, without padding.</summary>
    public long SizeInBytes { get; }

    /// <summary>Bytes from the start of the data section of its shard.</summary>
    public long Offset { get; }

    /// <summary>Index into <see cref="GgufFile.Shards"/>.</summary>
    public int ShardIndex { get; internal init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", Shape)}]";

    internal GgufTensor InShard(int index) =>
        new(Name, Type, (long[])Shape, ElementCount, SizeInBytes, Offset) { ShardIndex = index };
}
