using System.Buffers.Binary;
using System.Text;

namespace ModelRunner.Gguf;

/// <summary>
/// The header of a file, read from a stream as far as parsing needs it. A claimed length is compared with the bytes
/// that are left in the file, and with <see cref="LimitInBytes"/>, before anything is allocated for it.
/// </summary>
internal sealed class HeaderBytes(Stream stream, long length)
{
    /// <summary>
    /// Header of one file. The largest vocabularies (256 Ki tokens with merges) need about 12 MiB.
    /// </summary>
    public const int LimitInBytes = 128 << 20;

    private const int ChunkInBytes = 64 << 10;
    private static readonly UTF8Encoding StrictUtf8 = new(false, true);
    private byte[] _buffer = [];
    private int _filled;

    /// <summary>Bytes parsed.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes from <see cref="Position"/> to the end of the file.</summary>
    public long Remaining => length - Position;

    public ReadOnlyMemory<byte> Slice(int start, int count) => _buffer.AsMemory(start, count);

    /// <summary>Makes <paramref name="count"/> bytes available and steps over them.</summary>
    public ReadOnlySpan<byte> Take(long count, string what)
    {
        if (count > Remaining)
            throw new GgufException($"the file ends inside {what}: {count} bytes needed at offset {Position}, {Remaining} left");
        if (count > LimitInBytes - Position)
            throw new GgufException($"the header exceeds {LimitInBytes >> 20} MiB at {what}");
        Fill(Position + (int)count);
        var span = _buffer.AsSpan(Position, (int)count);
        Position += (int)count;
        return span;
    }

    public uint ReadUInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public ulong ReadUInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>A length-prefixed text whose length is at most <paramref name="maximum"/> bytes.</summary>
    public ReadOnlySpan<byte> ReadText(string what, int maximum)
    {
        var count = ReadUInt64(what);
        if (count > (ulong)Remaining)
            throw new GgufException($"the file ends inside {what}: its length is given as {count}, {Remaining} bytes are left");
        if (count > (ulong)maximum)
            throw new GgufException($"{what} is {count} bytes long, the limit is {maximum}");
        return Take((long)count, what);
    }

    /// <summary>A name that the native side uses as a C string: non-empty UTF-8 without control characters.</summary>
    public string ReadName(string what, int maximum)
    {
        var bytes = ReadText(what, maximum);
        if (bytes.IsEmpty)
            throw new GgufException($"{what} is empty");
        if (bytes.IndexOfAnyInRange((byte)0, (byte)31) >= 0)
            throw new GgufException($"{what} contains control characters");
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new GgufException($"{what} is not valid UTF-8");
        }
    }

    private void Fill(int end)
    {
        if (end <= _filled)
            return;
        var wanted = (int)Math.Min(length, Math.Max(end, _filled + ChunkInBytes));
        if (wanted > _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(length, Math.Max(wanted, (long)_buffer.Length * 2)));
        var read = stream.ReadAtLeast(_buffer.AsSpan(_filled, wanted - _filled), end - _filled, throwOnEndOfStream: false);
        _filled += read;
        if (_filled < end)
            throw new GgufException($"the file ends at {_filled} bytes, its length was given as {length}");
    }
}
