using System.Text;

namespace ModelRunner.Tokenizers;

/// <summary>
/// The 256 characters that stand for bytes in byte-level vocabularies (GPT-2's <c>bytes_to_unicode</c>): the printable
/// characters of Latin-1 stand for themselves, the other bytes in order for U+0100 and up.
/// </summary>
internal static class ByteAlphabet
{
    private const int End = 0x144;

    private static readonly char[] ToCharacter = new char[256];
    private static readonly short[] ToByte = new short[End];

    static ByteAlphabet()
    {
        ToByte.AsSpan().Fill(-1);
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            var isPrintable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            ToCharacter[value] = (char)(isPrintable ? value : next++);
            ToByte[ToCharacter[value]] = (short)value;
        }
    }

    /// <summary>The characters of all bytes, by byte.</summary>
    public static ReadOnlySpan<char> Characters => ToCharacter;

    public static string Encode(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(bytes.Length, bytes, static (characters, bytes) =>
        {
            for (var i = 0; i < bytes.Length; i++)
                characters[i] = ToCharacter[bytes[i]];
        });
    }

    /// <summary>Writes a text's bytes as characters.</summary>
    /// <param name="text">The text.</param>
    /// <param name="characters">Room for three times as many.</param>
    /// <returns>How many were written.</returns>
    public static int Encode(ReadOnlySpan<char> text, Span<char> characters)
    {
        var count = 0;
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            var unit = text[i];
            if (unit < 0x80)
            {
                characters[count++] = ToCharacter[unit];
                continue;
            }

            Rune.DecodeFromUtf16(text[i..], out var rune, out var length);
            i += length - 1;
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                characters[count++] = ToCharacter[value];
        }

        return count;
    }

    /// <summary>The bytes of a text that is written in the alphabet; null for any other text.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (text[i] >= End || ToByte[text[i]] < 0)
                return null;
            bytes[i] = (byte)ToByte[text[i]];
        }

        return bytes;
    }
}
