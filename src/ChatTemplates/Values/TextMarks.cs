namespace ModelRunner.ChatTemplates.Values;

/// <summary>
/// Which characters of a text came with the request: ascending indices at which it changes between the template's
/// own text, with which every text begins, and input.
/// </summary>
internal static class TextMarks
{
    /// <summary>All of it is the template's.</summary>
    public static readonly int[] Trusted = [];

    /// <summary>All of it is input.</summary>
    public static readonly int[] Input = [0];

    /// <summary>The marks of [start, start + length).</summary>
    public static int[] Slice(int[] marks, int start, int length)
    {
        if (marks.Length == 0 || (marks.Length == 1 && marks[0] == 0))
            return marks;

        var before = 0;
        while (before < marks.Length && marks[before] <= start)
            before++;

        var end = before;
        while (end < marks.Length && marks[end] < start + length)
            end++;

        var isInput = (before & 1) == 1;
        if (before == end)
            return isInput ? Input : Trusted;

        var slice = new int[end - before + (isInput ? 1 : 0)];
        var offset = isInput ? 1 : 0;
        for (var i = before; i < end; i++)
            slice[offset + i - before] = marks[i] - start;

        return slice;
    }

    /// <summary>For a text made of another by a rule that keeps no places: input if any of it was.</summary>
    public static int[] Blend(int[] marks) => marks.Length == 0 ? Trusted : Input;
}
