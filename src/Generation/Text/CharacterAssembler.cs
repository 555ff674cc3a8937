using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace ModelRunner.Generation.Text;

/// <summary>
/// Makes whole characters of token bytes. Invalid bytes become U+FFFD, one for each maximal subpart (WHATWG Encoding
/// Standard, UTF-8 decoder; Unicode chapter 3, "U+FFFD Substitution of Maximal Subparts"): the same
/// text as decoding all bytes at once.
/// </summary>
internal struct CharacterAssembler
{
    private static readonly byte[] Replacement = [0xEF, 0xBF, 0xBD];

    // Up to three bytes of an unfinished character, the first one lowest.
    private uint _pending;
    private int _pendingLength;

    public readonly bool HasPending => _pendingLength > 0;

    /// <summary>The whole characters up to the end of these bytes; what is left waits for the next ones.</summary>
    public TextPiece Add(ReadOnlyMemory<byte> bytes)
    {
        if (_pendingLength == 0)
        {
            // A cut through a character leaves at most three bytes behind.
            var whole = WholeLength(bytes.Span);
            if (Utf8.IsValid(bytes.Span[..whole]))
            {
                Hold(bytes.Span[whole..]);
                return TextPiece.Stable(bytes[..whole]);
            }
        }

        return Decode(bytes.Span);
    }

    /// <summary>U+FFFD for an unfinished character.</summary>
    public TextPiece Finish()
    {
        var piece = _pendingLength > 0 ? TextPiece.Stable(Replacement) : default;
        _pendingLength = 0;
        return piece;
    }

    private TextPiece Decode(ReadOnlySpan<byte> bytes)
    {
        var length = _pendingLength + bytes.Length;
        // The text grows in [0, 3 * length), the bytes are in [3 * length, 4 * length): a byte gives one U+FFFD at most.
        var buffer = ArrayPool<byte>.Shared.Rent(4 * length);
        for (var i = 0; i < _pendingLength; i++)
        {
            buffer[(3 * length) + i] = (byte)(_pending >> (8 * i));
        }

        bytes.CopyTo(buffer.AsSpan((3 * length) + _pendingLength));
        var rest = buffer.AsSpan(3 * length, length);
        var written = 0;
        var status = OperationStatus.Done;
        while (!rest.IsEmpty)
        {
            status = Rune.DecodeFromUtf8(rest, out _, out var consumed);
            if (status == OperationStatus.NeedMoreData)
            {
                break;
            }

            ReadOnlySpan<byte> character = status == OperationStatus.Done ? rest[..consumed] : Replacement;
            character.CopyTo(buffer.AsSpan(written));
            written += character.Length;
            rest = rest[consumed..];
        }

        Hold(rest);
        if (written == 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return default;
        }

        return TextPiece.Rented(buffer, written);
    }

    /// <summary>The length without a last character that more bytes could complete.</summary>
    private static int WholeLength(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            if ((bytes[^back] & 0xC0) != 0x80)
            {
                return Rune.DecodeFromUtf8(bytes[^back..], out _, out _) == OperationStatus.NeedMoreData
                    ? bytes.Length - back
                    : bytes.Length;
            }
        }

        return bytes.Length;
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        _pending = 0;
        _pendingLength = bytes.Length;
        for (var i = 0; i < bytes.Length; i++)
        {
            _pending |= (uint)bytes[i] << (8 * i);
        }
    }
}
