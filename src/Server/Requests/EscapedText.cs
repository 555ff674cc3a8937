using System.Buffers.Text;

namespace ModelRunner.Server.Requests;

/// <summary>The escapes in JSON text.</summary>
internal static class EscapedText
{
    /// <summary>
    /// Whether no <c>\u</c> escape is half of a surrogate pair (RFC 8259 section 7). The text is valid JSON, where a
    /// backslash stands in strings alone.
    /// </summary>
    public static bool IsWhole(ReadOnlySpan<byte> json)
    {
        while (json.IndexOf((byte)'\\') is var index and >= 0)
        {
            json = json[index..];
            if (json[1] != (byte)'u')
            {
                json = json[2..];
                continue;
            }

            var unit = Read(json);
            json = json[6..];
            if (!char.IsSurrogate(unit)) continue;
            if (!char.IsHighSurrogate(unit) || !json.StartsWith("\\u"u8) || !char.IsLowSurrogate(Read(json))) return false;
            json = json[6..];
        }

        return true;
    }

    private static char Read(ReadOnlySpan<byte> escape) =>
        Utf8Parser.TryParse(escape.Slice(2, 4), out ushort unit, out _, 'x') ? (char)unit : default;
}
