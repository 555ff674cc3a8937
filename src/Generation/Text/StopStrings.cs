using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelRunner.Generation.Text;

/// <summary>
/// Stop strings compiled for <see cref="OutputText"/>; immutable, so the sequences of a request share it. Empty strings
/// are left out.
/// </summary>
/// <remarks>
/// The automaton of Aho and Corasick ("Efficient string matching", 1975) over UTF-8 bytes. Nodes keep their
/// children as a list instead of a row of 256: stop strings are few, so siblings are.
/// </remarks>
public sealed class StopStrings
{
    private readonly Node[] _nodes;
    private readonly SearchValues<byte> _firstBytes;

    public StopStrings(IReadOnlyList<string> stops)
    {
        var nodes = new List<Node> { default };
        foreach (var stop in stops)
        {
            if (stop.Length > 0)
            {
                Add(nodes, Encoding.UTF8.GetBytes(stop));
            }
        }

        _nodes = [.. nodes];
        _firstBytes = SearchValues.Create(LinkSuffixes());
    }

    /// <summary>The empty set.</summary>
    public static StopStrings None { get; } = new([]);

    /// <summary>Whether nothing can match.</summary>
    public bool IsEmpty => _nodes.Length == 1;

    /// <summary>Bytes of the longest stop string.</summary>
    internal int MaxLength { get; private set; }

    /// <summary>
    /// Bytes at the end of the text so far that may begin a stop string: the longest suffix that is a proper prefix
    /// of one.
    /// </summary>
    internal int Withheld(int state) => _nodes[state].Withheld;

    /// <summary>
    /// Reads text until a stop string ends, or to its end. Of several that end at the same byte the longest counts.
    /// </summary>
    /// <param name="state">Where the automaton stands; 0 at the beginning.</param>
    /// <param name="text">What comes next.</param>
    /// <param name="stops">False reads over complete stop strings.</param>
    /// <param name="matchLength">Bytes of the stop string found, or 0.</param>
    /// <returns>How many bytes were read.</returns>
    internal int Read(ref int state, ReadOnlySpan<byte> text, bool stops, out int matchLength)
    {
        matchLength = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (state == 0)
            {
                var skipped = text[i..].IndexOfAny(_firstBytes);
                if (skipped < 0)
                {
                    return text.Length;
                }

                i += skipped;
            }

            state = Next(state, text[i]);
            if (stops && _nodes[state].MatchLength > 0)
            {
                matchLength = _nodes[state].MatchLength;
                return i + 1;
            }
        }

        return text.Length;
    }

    private int Next(int state, byte value)
    {
        while (true)
        {
            var child = Child(_nodes, state, value);
            if (child != 0 || state == 0)
            {
                return child;
            }

            state = _nodes[state].Suffix;
        }
    }

    private static int Child(ReadOnlySpan<Node> nodes, int state, byte value)
    {
        var child = nodes[state].FirstChild;
        while (child != 0 && nodes[child].Value != value)
        {
            child = nodes[child].NextSibling;
        }

        return child;
    }

    private void Add(List<Node> nodes, ReadOnlySpan<byte> stop)
    {
        MaxLength = Math.Max(MaxLength, stop.Length);
        var state = 0;
        for (var depth = 1; depth <= stop.Length; depth++)
        {
            var value = stop[depth - 1];
            var child = Child(CollectionsMarshal.AsSpan(nodes), state, value);
            if (child == 0)
            {
                child = nodes.Count;
                nodes.Add(new Node { Value = value, Depth = depth, NextSibling = nodes[state].FirstChild });
                nodes[state] = nodes[state] with { FirstChild = child };
            }

            state = child;
        }

        nodes[state] = nodes[state] with { MatchLength = stop.Length };
    }

    /// <summary>Sets suffix links in the order of depth, and what follows from them; gives the first bytes.</summary>
    private byte[] LinkSuffixes()
    {
        var queue = new Queue<int>([0]);
        var firstBytes = new List<byte>();
        while (queue.TryDequeue(out var parent))
        {
            for (var child = _nodes[parent].FirstChild; child != 0; child = _nodes[child].NextSibling)
            {
                ref var node = ref _nodes[child];
                if (parent == 0)
                {
                    firstBytes.Add(node.Value);
                }
                else
                {
                    node.Suffix = Next(_nodes[parent].Suffix, node.Value);
                }

                ref readonly var suffix = ref _nodes[node.Suffix];
                node.Withheld = node.FirstChild != 0 ? node.Depth : suffix.Withheld;
                node.MatchLength = Math.Max(node.MatchLength, suffix.MatchLength);
                queue.Enqueue(child);
            }
        }

        return [.. firstBytes];
    }

    private struct Node
    {
        public byte Value;
        public int Depth;
        public int FirstChild;
        public int NextSibling;
        public int Suffix;
        public int MatchLength;
        public int Withheld;
    }
}
