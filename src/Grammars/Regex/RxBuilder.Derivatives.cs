using System.Runtime.CompilerServices;

namespace ModelRunner.Grammars.Regex;

internal sealed partial class RxBuilder
{
    /// <summary>What may follow <paramref name="value"/>.</summary>
    /// <param name="node">The expression.</param>
    /// <param name="value">The byte that was read.</param>
    /// <param name="same">Narrowed to bytes, <paramref name="value"/> among them, with the same derivative.</param>
    public Rx Derive(Rx node, byte value, ref ByteSet same)
    {
        if (!node.First.Contains(value))
        {
            same &= ~node.First;
            return Nothing;
        }

        for (var known = node.Edges; known is not null; known = known.Other)
        {
            if (known.Bytes.Contains(value))
            {
                same &= known.Bytes;
                return known.Next;
            }
        }

        CountStep();
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new GrammarLimitException("too much of it can be left out in a row");

        var edge = node.First;
        var result = Compute(node, value, ref edge);
        node.Edges = new RxEdge(edge, result, node.Edges);
        same &= edge;
        return result;
    }

    /// <summary>Whether the whole of <paramref name="text"/> is one of the expression's strings.</summary>
    public bool Matches(Rx node, ReadOnlySpan<byte> text)
    {
        var same = ByteSet.All;
        foreach (var value in text)
        {
            node = Derive(node, value, ref same);
            if (node.IsNothing)
                return false;
        }

        return node.IsNullable;
    }

    /// <summary>Whether it has no string at all.</summary>
    public bool IsEmpty(Rx node)
    {
        if (!node.NeedsSearch)
            return node.IsNothing;
        if (node.IsEmpty is { } known)
            return known;
        if (node.IsNullable)
            return false;

        // Best first by the least length that is still to come: that leads straight to an end where there is one.
        var queue = new PriorityQueue<Rx, int>();
        var origins = new Dictionary<Rx, Rx?> { [node] = null };
        queue.Enqueue(node, node.MinLength);
        while (queue.TryDequeue(out var current, out _))
        {
            if (current.IsEmpty == false || current.IsNullable || (!current.NeedsSearch && !current.IsNothing))
            {
                for (Rx? step = current; step is not null; step = origins[step])
                    step.IsEmpty = false;

                return false;
            }

            for (var rest = current.First; !rest.IsEmpty;)
            {
                var same = rest;
                var next = Derive(current, rest.First, ref same);
                rest &= ~same;
                if (!next.IsNothing && next.IsEmpty != true && origins.TryAdd(next, current))
                    queue.Enqueue(next, next.MinLength);
            }
        }

        foreach (var visited in origins.Keys)
            visited.IsEmpty = true;

        return true;
    }

    /// <summary>Whether two expressions have no string in common.</summary>
    public bool AreDisjoint(Rx a, Rx b) => IsEmpty(And(a, b));

    private Rx Compute(Rx node, byte value, ref ByteSet same)
    {
        switch (node.Kind)
        {
            case RxKind.Set:
                return Epsilon;

            case RxKind.Literal:
                return Literal(node.Bytes, node.Min + 1, isText: false);

            case RxKind.Concat:
                var head = Concat(Derive(node.Items[0], value, ref same), node.Items[1]);
                return node.Items[0].IsNullable ? Or(head, Derive(node.Items[1], value, ref same)) : head;

            case RxKind.Or:
            case RxKind.And:
                var derived = new Rx[node.Items.Length];
                for (var i = 0; i < derived.Length; i++)
                    derived[i] = Derive(node.Items[i], value, ref same);

                return node.Kind == RxKind.Or ? Or(derived) : And(derived);

            case RxKind.Not:
                return Not(Derive(node.Items[0], value, ref same));

            case RxKind.Repeat:
                var rest = Repeat(node.Items[0], Math.Max(node.Min - 1, 0), node.Max == Rx.Unbounded ? node.Max : node.Max - 1);
                return Concat(Derive(node.Items[0], value, ref same), rest);

            case RxKind.Multiple:
                return DeriveMultiple(node, value, ref same);

            default:
                return Nothing;
        }
    }

    private Rx DeriveMultiple(Rx node, byte value, ref ByteSet same)
    {
        same &= ByteSet.Of(value);
        if (value == '.')
            return node.Digits < -1 ? Multiple(node.Min, node.Max, -1 - node.Digits) : Nothing;
        if (!char.IsAsciiDigit((char)value) || node.Digits == 0)
            return Nothing;

        var remainder = (int)(((long)node.Min * 10 + value - '0') % node.Max);
        return Multiple(remainder, node.Max, node.Digits > 0 ? node.Digits - 1 : node.Digits);
    }
}
