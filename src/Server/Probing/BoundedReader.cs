using System.Text;

namespace ModelRunner.Server.Probing;

/// <summary>Reads a child's output to its end, so that the child never blocks, and keeps the first part of it.</summary>
internal static class BoundedReader
{
    public static async Task<string> ReadAsync(TextReader reader, int maxLength)
    {
        var kept = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is var count and > 0)
            kept.Append(buffer.AsSpan(0, Math.Min(count, maxLength - kept.Length)));
        return kept.ToString();
    }
}
