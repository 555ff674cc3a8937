using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Parsing;

/// <summary>A terminal that has matched.</summary>
/// <param name="Terminal">The terminal.</param>
/// <param name="Text">What it matched, a character for each byte, where that is captured.</param>
internal readonly record struct Match(Terminal Terminal, string? Text);

/// <summary>Terminals that end at one place.</summary>
internal sealed class AcceptSet(Match[] matches)
{
    public Match[] Matches { get; } = matches;
}

/// <summary>A terminal under way.</summary>
/// <param name="Terminal">The terminal.</param>
/// <param name="Rest">What is left of it.</param>
/// <param name="Text">What was read of it, a character for each byte, where that is captured.</param>
internal readonly record struct LexEntry(Terminal Terminal, Rx Rest, string? Text);

/// <summary>What a byte leads to.</summary>
/// <param name="Live">What can go on; null when nothing can.</param>
/// <param name="Accept">What ends with the byte; null when nothing does.</param>
internal sealed record LexStep(LexSet? Live, AcceptSet? Accept)
{
    public static LexStep Dead { get; } = new(null, null);
}

/// <summary>A state of the lexer: the terminals that may be under way, with what is left of each.</summary>
internal sealed class LexSet(LexEntry[] entries)
{
    public LexEntry[] Entries { get; } = entries;

    /// <summary>For each byte the index of its step, or 0 while that is not known.</summary>
    public byte[] Classes { get; } = new byte[256];

    /// <summary>The steps found so far; none at 0.</summary>
    public LexStep?[] Steps { get; private set; } = [null, LexStep.Dead];

    /// <summary>The same state for all strings up to the longest token, which other states share; made when needed.</summary>
    public LexSet? Bounded { get; set; }

    /// <summary>The state without bounds of text, and the bytes up to which that makes no difference; made when needed.</summary>
    public (LexSet Set, int Reach)? Loose { get; set; }

    /// <summary>Identifies the languages of the entries in their order; 0 before it is needed.</summary>
    public UInt128 Hash { get; set; }

    /// <summary>Takes note of what some bytes lead to. With more kinds of steps than an index holds, it is not kept.</summary>
    public void Remember(in ByteSet bytes, LexStep step)
    {
        var index = Array.FindIndex(Steps, 1, known => known == step || (known is not null && known.Live == step.Live && known.Accept == step.Accept));
        if (index < 0)
        {
            index = Steps.Length;
            if (index > byte.MaxValue)
                return;

            Steps = [.. Steps, step];
        }

        for (var rest = bytes; !rest.IsEmpty; rest &= ~ByteSet.Of(rest.First))
            Classes[rest.First] = (byte)index;
    }

    public void Forget()
    {
        Array.Clear(Classes);
        Steps = [null, LexStep.Dead];
        Bounded = null;
        Loose = null;
    }
}
