using ModelRunner.Grammars.Parsing;

namespace ModelRunner.Grammars.Masks;

/// <summary>The tokens that may come in a configuration. Belongs to one thread at a time.</summary>
internal sealed class MaskBuilder(Machine machine, TokenVocabulary vocabulary)
{
    private const long MaxCachedBytes = 4 << 20;

    private readonly Configuration[] _path = new Configuration[vocabulary.Trie.MaxLength + 1];
    private readonly List<Configuration> _cached = [];
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

        foreach (var (row, lexer) in configuration.Threads)
        {
            var bounded = machine.Lexer.GetBounded(lexer, vocabulary.Trie.MaxLength);
            var lexMask = GetLexMask(bounded);
            lexMask.Tokens.AddTo(mask);
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

    private LexMask GetLexMask(LexSet set, bool isLike = false)
    {
        if (vocabulary.Cache.Find(set.Hash) is { } known)
            return known;

        // The one that others are made like is made by itself: states may lead to one another in a circle.
        var mask = !isLike && FindLike(set) is { } like
            ? LexMask.MakeLike(set, like, GetLexMask(like, isLike: true), machine.Lexer, vocabulary.Trie, _scratch)
            : LexMask.Make(set, machine.Lexer, vocabulary.Trie, _scratch);
        vocabulary.Cache.Add(set.Hash, mask);
        return mask;
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
        configuration.Mask = new TokenBits(mask);
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
