using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Grammars.Masks;

/// <summary>
/// The tokens of a vocabulary as a tree of bytes in depth-first order: the children of node i start at i + 1, and
/// <see cref="Ends"/> leads past them. Control tokens have no text and are not in it.
/// </summary>
internal sealed class TokenTrie
{
    private readonly Dictionary<int, int> _twins = [];

    public TokenTrie(ITokenizer tokenizer)
    {
        var tokens = new List<(ReadOnlyMemory<byte> Bytes, int Token)>();
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            var bytes = tokenizer.GetBytes(token);
            if (!bytes.IsEmpty && !tokenizer.IsEndOfGeneration(token) && !tokenizer.IsControl(token))
                tokens.Add((bytes, token));
        }

        tokens.Sort(static (a, b) =>
            a.Bytes.Span.SequenceCompareTo(b.Bytes.Span) is var order and not 0 ? order : a.Token.CompareTo(b.Token));

        var values = new List<byte>();
        var depths = new List<int>();
        var ids = new List<int>();
        var path = new List<int>();
        var ends = new List<int>();
        ReadOnlyMemory<byte> previous = default;
        foreach (var (bytes, token) in tokens)
        {
            var shared = bytes.Span.CommonPrefixLength(previous.Span);
            if (shared == bytes.Length && shared == previous.Length && ids.Count > 0)
            {
                // Several ids with the same text: a chain behind the node's own.
                _twins[token] = ids[^1];
                ids[^1] = token;
                continue;
            }

            while (path.Count > shared)
            {
                ends[path[^1]] = values.Count;
                path.RemoveAt(path.Count - 1);
            }

            for (var i = shared; i < bytes.Length; i++)
            {
                path.Add(values.Count);
                values.Add(bytes.Span[i]);
                depths.Add(i);
                ids.Add(-1);
                ends.Add(0);
            }

            ids[^1] = token;
            previous = bytes;
            MaxLength = Math.Max(MaxLength, bytes.Length);
        }

        foreach (var open in path)
            ends[open] = values.Count;

        (Values, Depths, Tokens, Ends) = ([.. values], [.. depths], [.. ids], [.. ends]);
        Heights = new int[Count];
        for (var node = Count - 1; node >= 0; node--)
            for (var child = node + 1; child < Ends[node]; child = Ends[child])
                Heights[node] = Math.Max(Heights[node], Heights[child] + 1);
    }

    /// <summary>Bytes of the longest token.</summary>
    public int MaxLength { get; }

    public int Count => Values.Length;

    /// <summary>The byte of a node.</summary>
    public byte[] Values { get; }

    /// <summary>Bytes before the node's own on its path.</summary>
    public int[] Depths { get; }

    /// <summary>The token that ends at a node, or -1.</summary>
    public int[] Tokens { get; }

    /// <summary>The first node behind a node's subtree.</summary>
    public int[] Ends { get; }

    /// <summary>Bytes of the longest path below a node.</summary>
    public int[] Heights { get; }

    /// <summary>Sets or clears the bits of all tokens that end at a node which has one.</summary>
    public void Mark(int token, Span<ulong> mask, bool isSet = true)
    {
        Mark(mask, token, isSet);
        while (_twins.Count > 0 && _twins.TryGetValue(token, out token))
            Mark(mask, token, isSet);
    }

    private static void Mark(Span<ulong> mask, int token, bool isSet)
    {
        if (isSet)
            mask[token >> 6] |= 1ul << (token & 63);
        else
            mask[token >> 6] &= ~(1ul << (token & 63));
    }

    /// <summary>The node of a text, or -1 when no token begins with it.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        var (start, end, node) = (0, Count, -1);
        foreach (var value in text)
        {
            node = FindChild(start, end, value);
            if (node < 0)
                return -1;
            (start, end) = (node + 1, Ends[node]);
        }

        return node;
    }

    /// <summary>The bytes on the path to a node, each as a character.</summary>
    public string GetText(int node) => string.Create(Depths[node] + 1, (this, node), static (text, state) =>
    {
        var (trie, at) = state;
        for (var depth = text.Length - 1; depth >= 0; depth--)
        {
            while (trie.Depths[at] != depth)
                at--;
            text[depth] = (char)trie.Values[at];
        }
    });

    /// <summary>The longest token that <paramref name="text"/> begins with, or -1.</summary>
    public int FindLongest(ReadOnlySpan<byte> text, out int length)
    {
        var (start, end, token) = (0, Count, -1);
        length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var node = FindChild(start, end, text[i]);
            if (node < 0)
                break;
            if (Tokens[node] >= 0)
                (token, length) = (Tokens[node], i + 1);
            (start, end) = (node + 1, Ends[node]);
        }

        return token;
    }

    private int FindChild(int start, int end, byte value)
    {
        for (var node = start; node < end; node = Ends[node])
            if (Values[node] == value)
                return node;

        return -1;
    }
}
