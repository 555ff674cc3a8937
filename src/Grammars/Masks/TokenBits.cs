using System.Numerics;

namespace ModelRunner.Grammars.Masks;

/// <summary>
/// A set of tokens that does not change: a list where they are few, bits where they are many, and where another set is
/// nearly the same, what is added to it and taken from it.
/// </summary>
internal sealed class TokenBits
{
    // Differences for each word of a mask: a list of them takes an eighth of the mask then.
    private const int MostDifferences = 4;

    private readonly TokenBits? _base;
    private readonly ulong[]? _words;
    private readonly int[] _added = [];
    private readonly int[] _removed = [];

    /// <param name="words">The tokens.</param>
    /// <param name="bases">Sets that may be nearly the same.</param>
    public TokenBits(ReadOnlySpan<ulong> words, params ReadOnlySpan<TokenBits> bases)
    {
        var count = 0;
        foreach (var word in words)
            count += BitOperations.PopCount(word);

        if (count < words.Length)
        {
            _added = new int[count];
            List(words, default, _added, []);
            return;
        }

        foreach (var candidate in bases)
        {
            var other = candidate._base ?? candidate;
            if (other._words is not { } known || CountDifferences(words, known, out var added, out var removed) > words.Length / MostDifferences)
                continue;

            (_base, _added, _removed) = (other, new int[added], new int[removed]);
            List(words, known, _added, _removed);
            return;
        }

        _words = words.ToArray();
    }

    private TokenBits(ulong[] words) => (_words, IsShared) = (words, true);

    /// <summary>Whether it holds the bits themselves, so that others can be made from it.</summary>
    public bool IsWhole => _words is not null;

    /// <summary>Whether it is kept for sets to be made from: their size is without it.</summary>
    public bool IsShared { get; }

    public long SizeInBytes => 64
        + ((_added.Length + _removed.Length) * sizeof(int))
        + ((_words?.Length ?? 0) * sizeof(ulong))
        + (_base is { IsShared: false } ? _base.SizeInBytes : 0);

    /// <summary>A whole set, to be kept for others to be made from.</summary>
    public TokenBits Share() => new(_words!);

    /// <summary>Adds the tokens to <paramref name="mask"/>.</summary>
    public void AddTo(Span<ulong> mask)
    {
        if (_base is not null)
            AddBase(_base, mask);
        else if (_words is not null)
            Add(_words, mask);

        foreach (var token in _added)
            mask[token >> 6] |= 1ul << (token & 63);
    }

    /// <summary>Adds another set but for the removed tokens, which stay as they are.</summary>
    private void AddBase(TokenBits other, Span<ulong> mask)
    {
        Span<bool> kept = stackalloc bool[_removed.Length];
        for (var i = 0; i < kept.Length; i++)
            kept[i] = (mask[_removed[i] >> 6] >> (_removed[i] & 63) & 1) != 0;

        other.AddTo(mask);
        for (var i = 0; i < kept.Length; i++)
            if (!kept[i])
                mask[_removed[i] >> 6] &= ~(1ul << (_removed[i] & 63));
    }

    private static void Add(ulong[] words, Span<ulong> mask)
    {
        var i = 0;
        var target = mask[..words.Length];
        for (; i + Vector<ulong>.Count <= words.Length; i += Vector<ulong>.Count)
            (new Vector<ulong>(target[i..]) | new Vector<ulong>(words, i)).CopyTo(target[i..]);
        for (; i < words.Length; i++)
            target[i] |= words[i];
    }

    private static int CountDifferences(ReadOnlySpan<ulong> words, ReadOnlySpan<ulong> other, out int added, out int removed)
    {
        (added, removed) = (0, 0);
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == other[i])
                continue;

            added += BitOperations.PopCount(words[i] & ~other[i]);
            removed += BitOperations.PopCount(other[i] & ~words[i]);
            if (added + removed > words.Length / MostDifferences)
                break;
        }

        return added + removed;
    }

    /// <summary>Lists what <paramref name="words"/> has and <paramref name="other"/> lacks, and the reverse.</summary>
    private static void List(ReadOnlySpan<ulong> words, ReadOnlySpan<ulong> other, int[] added, int[] removed)
    {
        var (more, less) = (0, 0);
        for (var i = 0; i < words.Length; i++)
        {
            var known = other.IsEmpty ? 0 : other[i];
            for (var word = words[i] & ~known; word != 0; word &= word - 1)
                added[more++] = (i * 64) + BitOperations.TrailingZeroCount(word);
            for (var word = known & ~words[i]; word != 0; word &= word - 1)
                removed[less++] = (i * 64) + BitOperations.TrailingZeroCount(word);
        }
    }
}
