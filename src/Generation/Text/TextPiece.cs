using System.Buffers;

namespace ModelRunner.Generation.Text;

/// <summary>
/// UTF-8 on its way to a client: memory that never changes, or a buffer of the shared pool, which the consumer gives
/// back once. The default is empty.
/// </summary>
public readonly struct TextPiece
{
    private readonly byte[]? _rented;

    private TextPiece(ReadOnlyMemory<byte> memory, byte[]? rented)
    {
        Memory = memory;
        _rented = rented;
    }

    /// <summary>The text; of a rented piece valid until <see cref="Return"/>.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>A piece over memory that outlives it and is never written.</summary>
    public static TextPiece Stable(ReadOnlyMemory<byte> memory) => new(memory, null);

    /// <summary>A piece that owns a buffer of <see cref="ArrayPool{T}.Shared"/>; its text is [0, length).</summary>
    public static TextPiece Rented(byte[] buffer, int length) => new(buffer.AsMemory(0, length), buffer);

    /// <summary>Gives a rented buffer back. Once for each piece, over all its copies.</summary>
    public void Return()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }

    /// <summary>The same piece, cut to its first bytes.</summary>
    internal TextPiece First(int length) => new(Memory[..length], _rented);
}
