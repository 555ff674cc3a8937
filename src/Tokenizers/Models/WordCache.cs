using System.Runtime.InteropServices;

namespace ModelRunner.Tokenizers.Models;

/// <summary>
/// Remembers the tokens of short pieces: a table in which a new piece replaces the old one of its place. Thread-safe
/// without locks, since entries are immutable and written whole.
/// </summary>
internal sealed class WordCache(SubwordModel model)
{
    private const int Size = 1 << 14;
    private const int MaximumLength = 40;

    private readonly Entry?[] _entries = new Entry?[Size];

    public void Encode(ReadOnlySpan<char> piece, List<int> tokens)
    {
        if (piece.Length > MaximumLength)
        {
            model.Encode(piece, tokens);
            return;
        }

        ref var place = ref _entries[Hash(piece) & (Size - 1)];
        var entry = Volatile.Read(ref place);
        if (entry is null || !piece.SequenceEqual(entry.Text))
        {
            var first = tokens.Count;
            model.Encode(piece, tokens);
            Volatile.Write(ref place, new Entry(piece.ToString(), CollectionsMarshal.AsSpan(tokens)[first..].ToArray()));
            return;
        }

        tokens.AddRange(entry.Tokens);
    }

    private static uint Hash(ReadOnlySpan<char> piece)
    {
        var hash = (ulong)piece.Length;
        foreach (var unit in piece)
            hash = (hash ^ unit) * 0x9E3779B97F4A7C15;
        return (uint)(hash >> 40);
    }

    private sealed record Entry(string Text, int[] Tokens);
}
