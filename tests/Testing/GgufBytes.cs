using System.Buffers.Binary;
using System.Text;

namespace ModelRunner.Testing;

/// <summary>Writes GGUF byte by byte and checks nothing: for files that no writer would make.</summary>
public sealed class GgufBytes
{
    private readonly List<byte> _keys = [];
    private readonly List<byte> _tensors = [];
    private ulong _keyCount;
    private ulong _tensorCount;

    public uint Magic { get; init; } = 0x46554747;

    public uint Version { get; init; } = 3;

    /// <summary>Overrides the count of the keys that were added.</summary>
    public ulong? KeyCount { get; init; }

    /// <summary>Overrides the count of the tensors that were added.</summary>
    public ulong? TensorCount { get; init; }

    /// <summary>Bytes of the data section.</summary>
    public int DataLength { get; init; } = 1024;

    /// <summary>Adds a key with this value type and these bytes.</summary>
    public GgufBytes Key(string key, uint type, params byte[][] value)
    {
        _keyCount++;
        _keys.AddRange(Text(key));
        _keys.AddRange(U32(type));
        foreach (var part in value)
            _keys.AddRange(part);
        return this;
    }

    /// <summary>Adds bytes to the metadata section; counts nothing.</summary>
    public GgufBytes Raw(byte[] bytes)
    {
        _keys.AddRange(bytes);
        return this;
    }

    /// <summary>Adds an entry of the tensor table.</summary>
    public GgufBytes Tensor(string name, ulong[] shape, uint type = 0, ulong offset = 0, uint? dimensions = null)
    {
        _tensorCount++;
        _tensors.AddRange(Text(name));
        _tensors.AddRange(U32(dimensions ?? (uint)shape.Length));
        foreach (var dimension in shape)
            _tensors.AddRange(U64(dimension));
        _tensors.AddRange(U32(type));
        _tensors.AddRange(U64(offset));
        return this;
    }

    public byte[] ToArray()
    {
        using var file = new MemoryStream();
        file.Write(U32(Magic));
        file.Write(U32(Version));
        file.Write(U64(TensorCount ?? _tensorCount));
        file.Write(U64(KeyCount ?? _keyCount));
        file.Write(_keys.ToArray());
        file.Write(_tensors.ToArray());
        file.SetLength((file.Length + 31) / 32 * 32 + DataLength);
        return file.ToArray();
    }

    public static byte[] U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] U64(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] Text(string text) => [.. U64((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];
}
