namespace ModelRunner.Grammars;

/// <summary>
/// Which spellings of a valid instance may be generated. The default is what serializers write and clients read;
/// every spelling that it leaves out is of an instance that it can write too.
/// </summary>
public sealed record SchemaOptions
{
    /// <summary>What a server uses.</summary>
    public static SchemaOptions Default { get; } = new();

    /// <summary>
    /// Any order of properties, unless a specification is strict; otherwise the schema's order, with properties that it
    /// does not name last.
    /// </summary>
    public bool AnyPropertyOrder { get; init; } = true;

    /// <summary>Escapes in property names and constants wherever JSON allows them, which leaves nothing forced.</summary>
    public bool AnyEscapes { get; init; }

    /// <summary>Integers such as 1.0, and constants with zeros at the end.</summary>
    public bool AnyNumberForms { get; init; }

    /// <summary>White space before colons and commas too, not only behind them and around members.</summary>
    public bool AnyWhitespace { get; init; }

    /// <summary>Characters of indentation on a new line at most: what keeps white space from running away.</summary>
    public int MaxIndentation { get; init; } = 64;
}
