namespace ModelRunner.ChatTemplates.Values;

/// <summary>A text that knows which of its characters came with the request.</summary>
internal sealed class TextValue(string text, int[]? marks = null, bool isSafe = false) : Value
{
    public static readonly TextValue Empty = new("");

    private bool? _hasPairs;

    public string Text => text;

    public int[] Marks { get; } = marks ?? TextMarks.Trusted;

    /// <summary>The result of <c>safe</c> or <c>escape</c>: what is joined to it gets escaped, as in the reference.</summary>
    public bool IsSafe => isSafe;

    internal override string TypeName => isSafe ? "Markup" : "str";

    internal override bool IsTrue => text.Length > 0;

    /// <summary>Code points, as Python counts.</summary>
    internal override int Length => HasPairs ? CodePoints.Count(text) : text.Length;

    /// <summary>Whether UTF-16 units and code points differ in it.</summary>
    public bool HasPairs => _hasPairs ??= text.AsSpan().ContainsAnyInRange('\uD800', '\uDBFF');

    /// <summary>[start, start + length) in UTF-16 units.</summary>
    public TextValue Cut(int start, int length)
    {
        if (start == 0 && length == text.Length)
            return this;

        return length == 0 && !isSafe
            ? Empty
            : new TextValue(text.Substring(start, length), TextMarks.Slice(Marks, start, length), isSafe);
    }

    /// <summary>The same places with other characters, one for one; with other lengths input taints all of it.</summary>
    public TextValue With(string other) =>
        new(other, other.Length == text.Length ? Marks : TextMarks.Blend(Marks), isSafe);
}
