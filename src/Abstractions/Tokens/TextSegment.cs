namespace ModelRunner.Abstractions.Tokens;

/// <summary>A piece of a prompt.</summary>
/// <param name="Text">The text.</param>
/// <param name="IsTrusted">
/// True for a template's own text, in which markers become control tokens; false for input, in which they stay text.
/// </param>
public readonly record struct TextSegment(string Text, bool IsTrusted)
{
    /// <summary>A template's own text.</summary>
    public static TextSegment Trusted(string text) => new(text, true);

    /// <summary>Text that came from a user.</summary>
    public static TextSegment Input(string text) => new(text, false);
}
