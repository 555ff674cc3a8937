using System.Text;
using System.Text.Unicode;

namespace ModelRunner.Server.Streaming;

/// <summary>How a token and its log probability are told.</summary>
internal static class TokenText
{
    // JSON has no infinity; OpenAI and its peers write this for a token that cannot be.
    private const float Impossible = -9999f;

    /// <summary>The log probability as a finite number.</summary>
    public static float Finite(float logProbability) => float.IsFinite(logProbability) ? logProbability : Impossible;

    /// <summary>The text; bytes that are no character become U+FFFD.</summary>
    public static string GetLossy(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>The text; a token that is no whole character is spelled <c>bytes:\x..</c>, as OpenAI does.</summary>
    public static string GetExact(ReadOnlyMemory<byte> bytes)
    {
        if (Utf8.IsValid(bytes.Span)) return Encoding.UTF8.GetString(bytes.Span);
        var text = new StringBuilder("bytes:");
        foreach (var value in bytes.Span) text.Append("\\x").Append(Convert.ToHexStringLower([value]));
        return text.ToString();
    }

    /// <summary>Characters (code points) that begin in the bytes.</summary>
    public static int CountCharacters(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        foreach (var value in bytes)
            if ((value & 0xC0) != 0x80)
                count++;
        return count;
    }
}
