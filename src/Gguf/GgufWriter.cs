using System.Buffers.Binary;
using System.Text;

namespace ModelRunner.Gguf;

/// <summary>
/// Writes GGUF version 3. Tensor data comes from callbacks, one tensor after the other, so that the memory needed does
/// not depend on the size of the model.
/// </summary>
public sealed class GgufWriter
{
    private readonly OrderedDictionary<string, GgufValue> _values = [];
    private readonly List<(GgufTensor Tensor, Action<Stream> Write)> _tensors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Bytes; a power of two. Written as metadata where it is not the default of 32.</summary>
    public int Alignment { get; init; } = GgufFile.DefaultAlignment;

    /// <summary>Adds a metadata value, in order; the last value of a key stands.</summary>
    public void Set(string key, GgufValue value) => _values[key] = value;

    /// <summary>Adds a tensor, in order.</summary>
    /// <param name="name">At most 63 bytes of UTF-8.</param>
    /// <param name="type">Its rows are whole blocks of this type.</param>
    /// <param name="shape">The row length first.</param>
    /// <param name="write">Writes exactly the bytes of the tensor.</param>
    /// <exception cref="GgufException">The name occurs twice, or the shape does not fit the type.</exception>
    public void AddTensor(string name, GgufTensorType type, ReadOnlySpan<long> shape, Action<Stream> write)
    {
        if (!_names.Add(name))
            throw new GgufException($"the tensor '{name}' occurs twice");
        var (count, size) = GgufLayout.Measure(name, type, shape);
        var last = _tensors.Count == 0 ? null : _tensors[^1].Tensor;
        var end = last is null ? 0 : last.Offset + last.SizeInBytes;
        var offset = end + GgufLayout.Padding(end, Alignment);
        _tensors.Add((new GgufTensor(name, type, shape.ToArray(), count, size, offset), write));
    }

    /// <summary>Writes the whole file at the stream's position, which counts as its start; the stream need not seek.</summary>
    public void Write(Stream stream)
    {
        if (Alignment != GgufFile.DefaultAlignment)
            Set("general.alignment", GgufValue.From((uint)Alignment));
        using var header = new MemoryStream();
        WriteHeader(header);
        header.SetLength(header.Length + GgufLayout.Padding(header.Length, Alignment));
        header.WriteTo(stream);

        foreach (var (tensor, write) in _tensors)
        {
            var counting = new CountingStream(stream, tensor.SizeInBytes);
            write(counting);
            if (counting.Remaining != 0)
                throw new GgufException($"the data of tensor '{tensor.Name}' is {counting.Remaining} bytes short");
            for (var i = GgufLayout.Padding(tensor.SizeInBytes, Alignment); i > 0; i--)
                stream.WriteByte(0);
        }
    }

    /// <summary>Writes a file of that name, replacing another.</summary>
    public void Write(string path)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        Write(stream);
    }

    private void WriteHeader(MemoryStream header)
    {
        header.Write("GGUF"u8);
        WriteUInt32(header, 3);
        WriteUInt64(header, (ulong)_tensors.Count);
        WriteUInt64(header, (ulong)_values.Count);
        foreach (var (key, value) in _values)
        {
            WriteText(header, Encoding.UTF8.GetBytes(key));
            WriteUInt32(header, (uint)value.Type);
            WriteValue(header, value);
        }

        foreach (var (tensor, _) in _tensors)
        {
            WriteText(header, Encoding.UTF8.GetBytes(tensor.Name));
            WriteUInt32(header, (uint)tensor.Shape.Count);
            foreach (var dimension in tensor.Shape)
                WriteUInt64(header, (ulong)dimension);
            WriteUInt32(header, (uint)tensor.Type);
            WriteUInt64(header, (ulong)tensor.Offset);
        }
    }

    private static void WriteValue(MemoryStream header, GgufValue value)
    {
        if (value.Array is { } array)
        {
            WriteUInt32(header, (uint)array.ElementType);
            WriteUInt64(header, (ulong)array.Count);
            header.Write(array.Encoded);
        }
        else if (value.Type == GgufValueType.Text)
            WriteText(header, value.Encoded);
        else
            header.Write(value.Encoded);
    }

    private static void WriteText(MemoryStream header, ReadOnlySpan<byte> text)
    {
        WriteUInt64(header, (ulong)text.Length);
        header.Write(text);
    }

    private static void WriteUInt32(MemoryStream header, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        header.Write(bytes);
    }

    private static void WriteUInt64(MemoryStream header, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        header.Write(bytes);
    }
}
