using ModelRunner.Grammars.Masks;

namespace ModelRunner.Grammars.Parsing;

/// <summary>
/// Where a text has led to: pairs of a row and the lexer's state in it, one object for each content. More than one
/// pair only where a terminal may have ended and may go on.
/// </summary>
internal sealed class Configuration((Row Row, LexSet Lexer)[] threads, bool isAccepting)
{
    public const int Unknown = -2;

    private readonly LexSet? _only = threads.Length == 1 ? threads[0].Lexer : null;

    public static Configuration Dead { get; } = new([], false);

    public (Row Row, LexSet Lexer)[] Threads { get; } = threads;

    /// <summary>Whether the text may end here.</summary>
    public bool IsAccepting { get; } = isAccepting;

    /// <summary>Configurations behind a byte that were found so far, by <see cref="IndexOf"/>.</summary>
    public Configuration?[] Next { get; private set; } = [];

    /// <summary>The tokens that may come; null when not worked out or forgotten.</summary>
    public TokenBits? Mask { get; set; }

    /// <summary>The only byte that can follow, -1 when there is a choice or an end, or <see cref="Unknown"/>.</summary>
    public int ForcedByte { get; set; } = Unknown;

    /// <summary>Where in <see cref="Next"/> a byte leads: with one lexer state its classes tell, and 0 stands for none.</summary>
    public int IndexOf(byte value) => _only is null ? value : _only.Classes[value];

    public void Remember(byte value, Configuration next)
    {
        var index = IndexOf(value);
        if (_only is not null && index == 0)
            return;

        if (index >= Next.Length)
        {
            var longer = new Configuration?[_only is null ? 256 : Math.Min(Math.Max(index + 1, Next.Length * 2), 256)];
            Next.CopyTo(longer, 0);
            Next = longer;
        }

        Next[index] = next;
    }

    public void Forget()
    {
        Next = [];
        Mask = null;
    }
}
