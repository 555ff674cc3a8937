namespace ModelRunner.Generation.Parsing;

/// <summary>Markers in a text that is still coming.</summary>
internal static class Markers
{
    /// <summary>The first of the markers in a text, the longest where several begin there; -1 and null for none.</summary>
    public static (int At, string? Marker) FindFirst(string text, IReadOnlyList<string> markers)
    {
        var at = -1;
        string? first = null;
        foreach (var marker in markers)
        {
            var found = text.IndexOf(marker, StringComparison.Ordinal);
            if (found >= 0 && (first is null || found < at || (found == at && marker.Length > first.Length)))
                (at, first) = (found, marker);
        }

        return (at, first);
    }

    /// <summary>The length of the end of a text that may be the beginning of a marker, and has to wait for what follows.</summary>
    public static int HeldLength(string text, IReadOnlyList<string> markers)
    {
        var longest = 0;
        foreach (var marker in markers)
            for (var length = Math.Min(marker.Length - 1, text.Length); length > longest; length--)
                if (string.CompareOrdinal(text, text.Length - length, marker, 0, length) == 0)
                    longest = length;

        return longest;
    }
}
