using System.Numerics;

namespace ModelRunner.Grammars.Regex;

/// <summary>A set of byte values.</summary>
internal readonly record struct ByteSet(ulong Word0, ulong Word1, ulong Word2, ulong Word3)
{
    public static ByteSet All { get; } = new(~0ul, ~0ul, ~0ul, ~0ul);

    public bool IsEmpty => (Word0 | Word1 | Word2 | Word3) == 0;

    public int Count =>
        BitOperations.PopCount(Word0) + BitOperations.PopCount(Word1)
        + BitOperations.PopCount(Word2) + BitOperations.PopCount(Word3);

    /// <summary>The smallest member; undefined for the empty set.</summary>
    public byte First =>
        Word0 != 0 ? (byte)BitOperations.TrailingZeroCount(Word0)
        : Word1 != 0 ? (byte)(64 + BitOperations.TrailingZeroCount(Word1))
        : Word2 != 0 ? (byte)(128 + BitOperations.TrailingZeroCount(Word2))
        : (byte)(192 + BitOperations.TrailingZeroCount(Word3));

    public static ByteSet Of(byte value) => Range(value, value);

    public static ByteSet Of(ReadOnlySpan<char> ascii)
    {
        var set = default(ByteSet);
        foreach (var letter in ascii)
            set |= Of((byte)letter);

        return set;
    }

    /// <summary>The values in [<paramref name="low"/>, <paramref name="high"/>], both ends included.</summary>
    public static ByteSet Range(byte low, byte high) =>
        new(Word(low, high, 0), Word(low, high, 64), Word(low, high, 128), Word(low, high, 192));

    public bool Contains(byte value) =>
        ((value < 128 ? (value < 64 ? Word0 : Word1) : (value < 192 ? Word2 : Word3)) >> (value & 63) & 1) != 0;

    public static ByteSet operator &(in ByteSet a, in ByteSet b) =>
        new(a.Word0 & b.Word0, a.Word1 & b.Word1, a.Word2 & b.Word2, a.Word3 & b.Word3);

    public static ByteSet operator |(in ByteSet a, in ByteSet b) =>
        new(a.Word0 | b.Word0, a.Word1 | b.Word1, a.Word2 | b.Word2, a.Word3 | b.Word3);

    public static ByteSet operator ~(in ByteSet a) => new(~a.Word0, ~a.Word1, ~a.Word2, ~a.Word3);

    private static ulong Word(int low, int high, int offset)
    {
        var from = Math.Max(low - offset, 0);
        var to = Math.Min(high - offset, 63);
        return from > to ? 0 : (~0ul >> (63 - to + from)) << from;
    }
}
