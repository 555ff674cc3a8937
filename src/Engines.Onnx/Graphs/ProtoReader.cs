using System.Text;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>Reads the fields of one protobuf message, and never past its end.</summary>
/// <param name="bytes">The message.</param>
/// <param name="origin">Offset of the message in the file, for errors.</param>
internal ref struct ProtoReader(ReadOnlySpan<byte> bytes, int origin = 0)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;
    private const int MaxVarintSizeInBytes = 10;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position = 0;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its value, where that is a number.</summary>
    public ulong Number { get; private set; }

    /// <summary>Its bytes, where it has a length; empty otherwise.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Whether it has a length.</summary>
    public bool HasBytes { get; private set; }

    /// <summary>Offset of its tag in the message.</summary>
    public int Start { get; private set; }

    /// <summary>Offset behind it in the message.</summary>
    public readonly int End => _position;

    /// <summary>Offset of <see cref="Bytes"/> in the file.</summary>
    public readonly int Origin => origin + _position - Bytes.Length;

    /// <summary>Its bytes as a message.</summary>
    public readonly ProtoReader Message => HasBytes
        ? new ProtoReader(Bytes, Origin)
        : throw Broken($"the field {Field} is no message");

    /// <summary>Its bytes as text.</summary>
    public readonly string Text => HasBytes ? Encoding.UTF8.GetString(Bytes) : throw Broken($"the field {Field} is no text");

    /// <summary>Moves to the next field. False at the end.</summary>
    /// <exception cref="ModelLoadException">The bytes are no fields.</exception>
    public bool Read()
    {
        if (_position == _bytes.Length)
            return false;

        Start = _position;
        var tag = ReadVarint();
        Field = (int)Math.Min(tag >> 3, int.MaxValue);
        if (Field == 0)
            throw Broken("a field has the number 0");

        Bytes = default;
        HasBytes = false;
        Number = 0;
        switch ((int)(tag & 7))
        {
            case Varint:
                Number = ReadVarint();
                break;
            case Fixed64:
                Take(sizeof(ulong));
                break;
            case Fixed32:
                Take(sizeof(uint));
                break;
            case LengthDelimited:
                var length = ReadVarint();
                if (length > (ulong)(_bytes.Length - _position))
                    throw Broken($"the field {Field} goes on for {length} bytes, past the end of what holds it");
                Bytes = Take((int)length);
                HasBytes = true;
                break;
            default:
                throw Broken($"the field {Field} has an unknown wire type");
        }

        return true;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var i = 0; i < MaxVarintSizeInBytes; i++)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
                return value;
        }

        throw Broken("a number has more than 10 bytes");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _position)
            throw Broken("it ends inside a field");
        _position += count;
        return _bytes.Slice(_position - count, count);
    }

    private readonly ModelLoadException Broken(string what) => new($"broken protobuf at byte {origin + _position}: {what}");
}
