using System.Runtime.CompilerServices;

namespace ModelRunner.Grammars.Regex;

// How many strings an expression has.
internal sealed partial class RxBuilder
{
    /// <summary>Whether it has so many strings, or more.</summary>
    public bool HasWords(Rx node, int count) => count <= 0 || IsEndless(node) || CountWords(node, count, [], []) >= count;

    private int CountWords(Rx node, int most, Dictionary<Rx, int> known, HashSet<Rx> open)
    {
        if (IsEmpty(node))
            return 0;
        if (known.TryGetValue(node, out var words))
            return words;

        // What leads back to itself, and to an end, has strings without number.
        if (!open.Add(node) || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return most;

        CountStep();
        long total = node.IsNullable ? 1 : 0;
        for (var rest = node.First; !rest.IsEmpty && total < most;)
        {
            var same = rest;
            var next = Derive(node, rest.First, ref same);
            total += (long)(rest & same).Count * CountWords(next, most, known, open);
            rest &= ~same;
        }

        open.Remove(node);
        return known[node] = (int)Math.Min(total, most);
    }
}
