namespace ModelRunner.Generation.Scheduling;

/// <summary>
/// A radix tree over the tokens that slots hold in the KV cache: finds the slots that share the longest prefix with
/// a new prompt. A node's set names the slots whose tokens run through its whole edge.
/// </summary>
internal sealed class PrefixTree
{
    private sealed class Node
    {
        public ReadOnlyMemory<int> Edge;
        public Node? Parent;
        public readonly Dictionary<int, Node> Children = [];
        public SlotSet Slots;
    }

    private readonly Node _root = new();
    private readonly Node?[] _ends;
    private readonly int[] _lengths;

    public PrefixTree(int slotCount)
    {
        _ends = new Node[slotCount];
        _lengths = new int[slotCount];
    }

    /// <summary>Number of tokens that are known of the slot.</summary>
    public int GetLength(int slot) => _lengths[slot];

    /// <summary>
    /// Records that the slot holds exactly these tokens. The memory is kept and must not change; what was recorded
    /// before is forgotten.
    /// </summary>
    public void Set(int slot, ReadOnlyMemory<int> tokens)
    {
        Remove(slot);
        _lengths[slot] = tokens.Length;
        if (tokens.IsEmpty)
            return;

        var node = _root;
        var rest = tokens;
        while (!rest.IsEmpty)
        {
            if (!node.Children.TryGetValue(rest.Span[0], out var child))
            {
                child = new Node { Edge = rest, Parent = node };
                node.Children.Add(rest.Span[0], child);
            }
            else
            {
                var common = child.Edge.Span.CommonPrefixLength(rest.Span);
                if (common < child.Edge.Length)
                    child = Split(child, common);
            }

            child.Slots.Add(slot);
            rest = rest[child.Edge.Length..];
            node = child;
        }

        _ends[slot] = node;
    }

    /// <summary>Forgets the slot.</summary>
    public void Remove(int slot)
    {
        var node = _ends[slot];
        _ends[slot] = null;
        _lengths[slot] = 0;
        while (node is { Parent: { } parent })
        {
            node.Slots.Remove(slot);
            if (node.Slots.IsEmpty)
                parent.Children.Remove(node.Edge.Span[0]);

            node = parent;
        }
    }

    /// <summary>The longest prefix of the tokens that any slot holds.</summary>
    /// <param name="tokens">The tokens to find.</param>
    /// <param name="slots">The slots that hold all of the prefix; empty when the length is 0.</param>
    /// <returns>The prefix's length.</returns>
    public int Match(ReadOnlySpan<int> tokens, out SlotSet slots)
    {
        slots = default;
        var node = _root;
        var length = 0;
        while (length < tokens.Length && node.Children.TryGetValue(tokens[length], out var child))
        {
            var common = child.Edge.Span.CommonPrefixLength(tokens[length..]);
            length += common;
            slots = child.Slots;
            if (common < child.Edge.Length)
                break;

            node = child;
        }

        return length;
    }

    /// <summary>Cuts a node's edge: the new upper node has [0, length) of it and the same slots.</summary>
    private static Node Split(Node node, int length)
    {
        var upper = new Node { Edge = node.Edge[..length], Parent = node.Parent, Slots = node.Slots };
        node.Parent!.Children[upper.Edge.Span[0]] = upper;
        node.Edge = node.Edge[length..];
        node.Parent = upper;
        upper.Children.Add(node.Edge.Span[0], node);
        return upper;
    }
}
