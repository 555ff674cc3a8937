namespace ModelRunner.Grammars.Regex;

/// <summary>
/// A regular expression over bytes, hash-consed by its <see cref="RxBuilder"/>: equal expressions of one builder are
/// one object, and equal expressions of different builders have equal hashes.
/// </summary>
internal sealed class Rx
{
    public const int Unbounded = int.MaxValue;

    public required RxKind Kind { get; init; }

    /// <summary>Identifies the structure, in any builder of the process.</summary>
    public required UInt128 Hash { get; init; }

    /// <summary>Whether it matches the empty string.</summary>
    public required bool IsNullable { get; init; }

    /// <summary>A lower bound of the length of its strings.</summary>
    public required int MinLength { get; init; }

    /// <summary>Whether an And or a Not is inside, so that only a search tells whether it is empty.</summary>
    public bool NeedsSearch { get; init; }

    /// <summary>Whether all its strings are sequences of whole characters of the builder's alphabet.</summary>
    public bool IsText { get; set; }

    /// <summary>The bytes that its strings may begin with, and perhaps others; exactly the class of a Set.</summary>
    public required ByteSet First { get; init; }

    /// <summary>Operands of Or and And; head and tail of Concat; the one of Not and Repeat.</summary>
    public Rx[] Items { get; init; } = [];

    /// <summary>Least count of Repeat; position in Literal; remainder of Multiple.</summary>
    public int Min { get; init; }

    /// <summary>Greatest count of Repeat, or <see cref="Unbounded"/>; divisor of Multiple.</summary>
    public int Max { get; init; }

    /// <summary>Digits behind the point of Multiple that are still to come; -1 - n before a point with n digits, -1 without one.</summary>
    public int Digits { get; init; }

    /// <summary>The whole string of a Literal.</summary>
    public byte[] Bytes { get; init; } = [];

    /// <summary>The derivative that was found last; it leads to those before it.</summary>
    public RxEdge? Edges { get; set; }

    /// <summary>The result of the emptiness search; null when it was not made.</summary>
    public bool? IsEmpty { get; set; }

    public bool IsNothing => Kind == RxKind.Nothing;

    public bool IsEpsilon => Kind == RxKind.Epsilon;

    public ReadOnlySpan<byte> Rest => Bytes.AsSpan(Min);
}
