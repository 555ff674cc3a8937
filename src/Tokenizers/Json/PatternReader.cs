using ModelRunner.Tokenizers.Patterns;

namespace ModelRunner.Tokenizers.Json;

/// <summary>Reads what <c>tokenizer.json</c> writes where it wants a pattern: a string or a regular expression.</summary>
internal static class PatternReader
{
    /// <summary>The regular expression, or null with the literal that is meant.</summary>
    public static Pattern? Read(JsonField field, out string literal)
    {
        literal = "";
        if (field.IsText)
            literal = field.AsText();
        else if (field.Find("String") is { } text)
            literal = text.AsText();
        else
            return Compile(field.Get("Regex"));
        return literal.Length > 0 ? null : throw field.Wrong("is empty");
    }

    private static Pattern Compile(JsonField field)
    {
        try
        {
            return new Pattern(field.AsText());
        }
        catch (PatternException exception)
        {
            throw field.Wrong(exception.Message);
        }
    }
}
