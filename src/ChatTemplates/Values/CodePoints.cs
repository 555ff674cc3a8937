namespace ModelRunner.ChatTemplates.Values;

/// <summary>Code points of UTF-16 text; a lone surrogate counts as one.</summary>
internal static class CodePoints
{
    public static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (var i = 0; i < text.Length; i += Width(text, i))
            count++;

        return count;
    }

    /// <summary>UTF-16 units of the code point at a place.</summary>
    public static int Width(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    /// <summary>UTF-16 places at which code points begin, and the end.</summary>
    public static int[] Starts(string text)
    {
        var starts = new List<int>(text.Length + 1);
        for (var i = 0; i < text.Length; i += Width(text, i))
            starts.Add(i);

        starts.Add(text.Length);
        return [.. starts];
    }

    /// <summary>Python's order of texts: by code point, which UTF-16 order is not.</summary>
    public static int Compare(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            if (left[i] == right[i])
                continue;

            var isLeftPair = char.IsSurrogate(left[i]);
            return isLeftPair == char.IsSurrogate(right[i]) ? Math.Sign(left[i].CompareTo(right[i])) : isLeftPair ? 1 : -1;
        }

        return left.Length.CompareTo(right.Length);
    }
}
