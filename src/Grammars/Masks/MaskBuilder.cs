using System.Runtime.InteropServices;
using ModelRunner.Grammars.Parsing;

namespace ModelRunner.Grammars.Masks;

/// <summary>The tokens that may come in a configuration. Belongs to one thread at a time.</summary>
internal sealed class MaskBuilder(Machine machine, TokenVocabulary vocabulary)
{
    private const long MaxCachedBytes = 4 << 20;

    private readonly Configuration[] _path = new Configuration[vocabulary.Trie.MaxLength + 1];
    private readonly List<Configuration> _cached = [];
    private readonly List<TokenBits> _parts = [];
    private readonly ulong[] _scratch = new ulong[vocabulary.MaskLength];
    private long _cachedSize;

    /// <summary>Bits of the mask that is filled: clears the others.</summary>
    public void Fill(Configuration configuration, Span<ulong> mask)
    {
        mask.Clear();
        if (configuration.Mask is { } known)
        {
            known.AddTo(mask);
            return;
        }

        _parts.Clear();
        foreach (var (row, lexer) in configuration.Threads)
        {
            var bounded = machine.Lexer.GetBounded(lexer, vocabulary.Trie.MaxLength);
            var lexMask = GetLexMask(bounded);
            lexMask.Tokens.AddTo(mask);
            _parts.Add(lexMask.Tokens);
            foreach (var (entries, nodes) in lexMask.Crossings)
            {
                if (Array.Exists(entries, index => bounded.Entries[index].Terminal.IsCaptured))
                {
                    foreach (var node in nodes)
                        Walk(node, machine.Enter(row, machine.Lexer.GetAccept(lexer, bounded, entries, vocabulary.Trie.GetText(node))), mask);
                    continue;
                }

                var next = machine.Enter(row, machine.Lexer.GetAccept(lexer, bounded, entries, null));
                if (next.Threads.Length == 0)
                    continue;

                foreach (var node in nodes)
                    Walk(node, next, mask);
            }
        }

        if (configuration.IsAccepting)
            foreach (var token in vocabulary.EndTokens)
                mask[token >> 6] |= 1ul << (token & 63);

        Remember(configuration, mask);
    }

    private LexMask GetLexMask(LexSet set, bool isLast = false)
    {
        if (vocabulary.Cache.Find(set.Hash) is { } known)
            return known;

        // The state that most texts lead to is made by itself: such states may lead to one another in a circle.
        LexMask mask;
        if (FindLoose(set) is { } loose)
            mask = LexMask.MakeLike(set, loose, GetLexMask(loose, isLast), machine.Lexer, vocabulary, _scratch);
        else if (!isLast && FindLike(set) is { } like)
            mask = LexMask.MakeLike(set, like, GetLexMask(like, isLast: true), machine.Lexer, vocabulary, _scratch);
        else
            mask = LexMask.Make(set, machine.Lexer, vocabulary, _scratch);

        vocabulary.Cache.Add(set.Hash, mask);
        return mask;
    }

    /// <summary>The state without bounds of text; null when it has none.</summary>
    private LexSet? FindLoose(LexSet set)
    {
        var loose = machine.Lexer.GetBounded(machine.Lexer.GetLoose(set).Set, vocabulary.Trie.MaxLength);
        return loose == set ? null : loose;
    }

    /// <summary>A state that most texts lead to and stay in: that of a string without conditions, as a rule.</summary>
    private LexSet? FindLike(LexSet set)
    {
        foreach (var probe in "xqZ5"u8)
        {
            if (machine.Lexer.Step(set, probe) is { Live: { } like, Accept: null } && like != set
                && machine.Lexer.Step(like, probe).Live == like
                && machine.Lexer.GetBounded(like, vocabulary.Trie.MaxLength) == like)
                return like;
        }

        return null;
    }

    private void Remember(Configuration configuration, Span<ulong> mask)
    {
        configuration.Mask = new TokenBits(mask, CollectionsMarshal.AsSpan(_parts));
        _cached.Add(configuration);
        _cachedSize += configuration.Mask.SizeInBytes;
        if (_cachedSize <= MaxCachedBytes)
            return;

        foreach (var cached in _cached)
            cached.Mask = null;

        _cached.Clear();
        _cachedSize = 0;
    }

    /// <summary>Marks the tokens below a node that can follow <paramref name="from"/>.</summary>
    private void Walk(int root, Configuration from, Span<ulong> mask)
    {
        var trie = vocabulary.Trie;
        var (values, depths, tokens, ends) = (trie.Values, trie.Depths, trie.Tokens, trie.Ends);
        var end = ends[root];
        _path[depths[root] + 1] = from;
        for (var node = root + 1; node < end;)
        {
            var depth = depths[node];
            var next = machine.Step(_path[depth], values[node]);
            if (next == Configuration.Dead)
            {
                node = ends[node];
                continue;
            }

            if (tokens[node] >= 0)
                trie.Mark(tokens[node], mask);

            _path[depth + 1] = next;
            node++;
        }
    }
}
