using System.Buffers.Binary;
using System.Text;

namespace ModelRunner.Gguf;

/// <summary>
/// A metadata array over its encoded bytes, which the reader has already walked: elements are decoded when asked for,
/// so that a vocabulary of 150,000 strings costs nothing until it is used. Thread-safe.
/// </summary>
public sealed class GgufArray
{
    private readonly ReadOnlyMemory<byte> _encoded;
    private int[]? _starts;

    internal GgufArray(GgufValueType elementType, int count, ReadOnlyMemory<byte> encoded)
    {
        ElementType = elementType;
        Count = count;
        _encoded = encoded;
    }

    public GgufValueType ElementType { get; }

    public int Count { get; }

    /// <summary>The elements as they stand in the file.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded.Span;

    /// <summary>The UTF-8 bytes of a text element, which nothing has validated as UTF-8.</summary>
    /// <exception cref="InvalidOperationException">The elements are not text.</exception>
    public ReadOnlySpan<byte> GetUtf8(int index)
    {
        if (ElementType != GgufValueType.Text)
            throw new InvalidOperationException($"The array holds {ElementType}, not text.");
        // Two threads may both build the same table: either result serves.
        var starts = _starts ??= FindStarts();
        var start = starts[index];
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(Encoded[start..]);
        return Encoded.Slice(start + 8, length);
    }

    /// <summary>A text element; malformed UTF-8 becomes replacement characters.</summary>
    public string GetText(int index) => Encoding.UTF8.GetString(GetUtf8(index));

    /// <summary>An integer element; unsigned 64-bit values wrap into negative numbers.</summary>
    public long GetInteger(int index) => GgufValue.DecodeInteger(ElementType, Element(index));

    /// <summary>A number, integer or not.</summary>
    public double GetNumber(int index) => GgufValue.DecodeNumber(ElementType, Element(index));

    private ReadOnlySpan<byte> Element(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var size = ElementType.SizeInBytes();
        return Encoded.Slice(index * size, size);
    }

    private int[] FindStarts()
    {
        var starts = new int[Count];
        var position = 0;
        for (var i = 0; i < starts.Length; i++)
        {
            starts[i] = position;
            position += 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(Encoded[position..]);
        }

        return starts;
    }
}
