using System.Numerics;

namespace ModelRunner.Gguf;

/// <summary>
/// Finds a text that occurs twice in an array, over its bytes: no strings are made. The hash is seeded for each
/// process, so a file cannot choose texts that collide.
/// </summary>
internal static class TokenSet
{
    /// <summary>The index of the second of two equal texts, or -1. Empty texts count as different.</summary>
    public static int FindDuplicate(GgufArray texts)
    {
        // Open addressing at half load; 0 is free, otherwise index + 1.
        var slots = new int[(int)BitOperations.RoundUpToPowerOf2((uint)texts.Count * 2 + 1)];
        for (var i = 0; i < texts.Count; i++)
        {
            var text = NativeText(texts, i);
            // The native loader gives each empty token a name of its own.
            if (text.IsEmpty)
                continue;
            var hash = new HashCode();
            hash.AddBytes(text);
            var slot = hash.ToHashCode() & (slots.Length - 1);
            for (; slots[slot] != 0; slot = (slot + 1) & (slots.Length - 1))
                if (NativeText(texts, slots[slot] - 1).SequenceEqual(text))
                    return i;
            slots[slot] = i + 1;
        }

        return -1;
    }

    /// <summary>The native side takes a token as a C string, so it ends at a zero byte.</summary>
    private static ReadOnlySpan<byte> NativeText(GgufArray texts, int index)
    {
        var text = texts.GetUtf8(index);
        var end = text.IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }
}
