using System.Numerics;

namespace ModelRunner.Grammars.Masks;

/// <summary>A set of tokens that does not change: a list where they are few, bits where they are many.</summary>
internal sealed class TokenBits
{
    private readonly ulong[]? _words;
    private readonly int[] _tokens = [];

    public TokenBits(ReadOnlySpan<ulong> words)
    {
        var count = 0;
        foreach (var word in words)
            count += BitOperations.PopCount(word);

        if (count >= words.Length)
        {
            _words = words.ToArray();
            return;
        }

        _tokens = new int[count];
        count = 0;
        for (var i = 0; i < words.Length; i++)
            for (var word = words[i]; word != 0; word &= word - 1)
                _tokens[count++] = (i * 64) + BitOperations.TrailingZeroCount(word);
    }

    public long SizeInBytes => 64 + (_words is null ? _tokens.Length * sizeof(int) : _words.Length * sizeof(ulong));

    /// <summary>Adds the tokens to <paramref name="mask"/>.</summary>
    public void AddTo(Span<ulong> mask)
    {
        if (_words is not { } words)
        {
            foreach (var token in _tokens)
                mask[token >> 6] |= 1ul << (token & 63);

            return;
        }

        var i = 0;
        var target = mask[..words.Length];
        for (; i + Vector<ulong>.Count <= words.Length; i += Vector<ulong>.Count)
            (new Vector<ulong>(target[i..]) | new Vector<ulong>(words, i)).CopyTo(target[i..]);
        for (; i < words.Length; i++)
            target[i] |= words[i];
    }
}
