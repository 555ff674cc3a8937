using System.Buffers;
using System.Text;

namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>Writes protobuf fields into memory.</summary>
internal sealed class ProtoBytes
{
    private const int LengthDelimited = 2;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What was written. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Integer(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
    }

    public void Text(int field, string text)
    {
        LengthPrefix(field, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, _bytes);
    }

    public void Message(int field, Action<ProtoBytes> write)
    {
        var message = new ProtoBytes();
        write(message);
        LengthPrefix(field, message.Written.Length);
        Raw(message.Written);
    }

    /// <summary>The beginning of a field whose bytes follow.</summary>
    public void LengthPrefix(int field, int length)
    {
        Varint(((ulong)field << 3) | LengthDelimited);
        Varint((ulong)length);
    }

    public void Raw(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    private void Varint(ulong value)
    {
        Span<byte> buffer = stackalloc byte[10];
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            buffer[length++] = (byte)(value | 0x80);
        buffer[length++] = (byte)value;
        _bytes.Write(buffer[..length]);
    }
}
