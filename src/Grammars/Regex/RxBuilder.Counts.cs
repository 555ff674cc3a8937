using System.Runtime.CompilerServices;

namespace ModelRunner.Grammars.Regex;

// Upper bounds that are so far away that a token does not come to them.
internal sealed partial class RxBuilder
{
    private readonly Dictionary<(Rx, int, bool), Loosened> _loosened = [];
    private readonly Dictionary<Rx, int> _longestEnds = [];
    private readonly Dictionary<Rx, bool> _endless = [];

    /// <summary>Drops the bounds of counts that make no difference for <paramref name="reach"/> bytes.</summary>
    /// <param name="node">The expression.</param>
    /// <param name="reach">The bytes.</param>
    /// <param name="isText">Only of counts of characters, and only upper ones.</param>
    public Loosened Loosen(Rx node, int reach, bool isText)
    {
        if (node.Kind is not (RxKind.Repeat or RxKind.Concat or RxKind.Or or RxKind.And) || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return new Loosened(node, Rx.Unbounded);
        if (_loosened.TryGetValue((node, reach, isText), out var known))
            return known;

        CountStep();
        var result = node.Kind switch
        {
            RxKind.Repeat => LoosenRepeat(node, reach, isText),
            RxKind.And => LoosenAnd(node, reach, isText),
            _ => LoosenParts(node, reach, isText),
        };
        return _loosened[(node, reach, isText)] = result;
    }

    private Loosened LoosenParts(Rx node, int reach, bool isText)
    {
        var least = Rx.Unbounded;
        var isSame = true;
        var items = new Rx[node.Items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            (items[i], var own) = Loosen(node.Items[i], reach, isText);
            isSame &= items[i] == node.Items[i];
            least = Math.Min(least, own);
        }

        if (isSame)
            return new Loosened(node, Rx.Unbounded);

        return new Loosened(node.Kind == RxKind.Concat ? Concat(items[0], items[1]) : Or(items), least);
    }

    private Loosened LoosenRepeat(Rx node, int reach, bool isText)
    {
        if (node.NeedsSearch || node.Items[0].IsNullable || (isText && !node.IsText))
            return new Loosened(node, Rx.Unbounded);

        // Each item takes a byte at least.
        var (item, least) = Loosen(node.Items[0], reach, isText);
        var (min, max) = (node.Min, node.Max);
        if (max > reach && max < Rx.Unbounded)
            (max, least) = (Rx.Unbounded, Math.Min(least, max - 1));
        if (min > reach && !isText)
            (min, least) = (reach + 1, Math.Min(least, reach));

        return new Loosened(Repeat(item, min, max), least);
    }

    /// <summary>
    /// The count of characters of a text that something else must hold of too. It can be left out as long as there is
    /// room for an end of the text wherever it has come to.
    /// </summary>
    private Loosened LoosenAnd(Rx node, int reach, bool isText)
    {
        var letter = AllText?.Items[0];
        var at = Array.FindIndex(node.Items, item => item.Kind == RxKind.Repeat && item.Items[0] == letter && item.Max < Rx.Unbounded);
        if (at < 0 || node.Items.Length != 2 || node.Items[1 - at] is not { IsText: true } other)
            return new Loosened(node, Rx.Unbounded);

        var count = node.Items[at];
        var own = (long)count.Max - 1 - count.Min - LongestEnd(other);
        if (own < reach)
            return new Loosened(node, Rx.Unbounded);
        if (count.Min > 0)
            return new Loosened(And(Repeat(letter!, count.Min, Rx.Unbounded), other), (int)own);

        var (rest, least) = Loosen(other, reach, isText);
        return new Loosened(rest, Math.Min(least, (int)own));
    }

    /// <summary>Bytes that suffice for an end, whatever beginning of a string was read.</summary>
    private int LongestEnd(Rx node)
    {
        if (node.NeedsSearch || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return Rx.Unbounded;
        if (_longestEnds.TryGetValue(node, out var known))
            return known;

        var items = node.Items;
        var result = node.Kind switch
        {
            RxKind.Epsilon or RxKind.Set or RxKind.Literal => node.MinLength,
            RxKind.Concat => Math.Max((long)LongestEnd(items[0]) + items[1].MinLength, LongestEnd(items[1])),
            RxKind.Or => items.Max(LongestEnd),
            RxKind.Repeat => LongestEnd(items[0]) + (Math.Max(node.Min - 1, 0) * (long)items[0].MinLength),
            _ => Rx.Unbounded,
        };
        return _longestEnds[node] = Saturate(result);
    }

    /// <summary>Whether it has strings without number, as far as its form says.</summary>
    public bool IsEndless(Rx node)
    {
        if (node.Kind == RxKind.Repeat)
            return !node.NeedsSearch && node.Max == Rx.Unbounded;
        if (!(node.Kind == RxKind.Or || (node.Kind == RxKind.Concat && !node.NeedsSearch)) || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return false;
        if (_endless.TryGetValue(node, out var known))
            return known;

        return _endless[node] = Array.Exists(node.Items, IsEndless);
    }
}
