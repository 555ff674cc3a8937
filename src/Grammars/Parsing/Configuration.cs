using ModelRunner.Grammars.Masks;

namespace ModelRunner.Grammars.Parsing;

/// <summary>
/// Where a text has led to: pairs of a row and the lexer's state in it, one object for each content. More than one
/// pair only where a terminal may have ended and may go on.
/// </summary>
internal sealed class Configuration((Row Row, LexSet Lexer)[] threads, bool isAccepting)
{
    public const int Unknown = -2;

    public static Configuration Dead { get; } = new([], false);

    public (Row Row, LexSet Lexer)[] Threads { get; } = threads;

    /// <summary>Whether the text may end here.</summary>
    public bool IsAccepting { get; } = isAccepting;

    public Configuration?[]? Next { get; set; }

    /// <summary>The tokens that may come; null when not worked out or forgotten.</summary>
    public TokenBits? Mask { get; set; }

    /// <summary>The only byte that can follow, -1 when there is a choice or an end, or <see cref="Unknown"/>.</summary>
    public int ForcedByte { get; set; } = Unknown;
}
