namespace ModelRunner.Grammars.Regex;

internal sealed partial class RxBuilder
{
    public Rx Or(params ReadOnlySpan<Rx> items)
    {
        var operands = new List<Rx>(items.Length);
        var set = default(ByteSet);
        var setIsText = true;
        foreach (var item in items)
            Flatten(item, RxKind.Or, operands);

        for (var i = operands.Count - 1; i >= 0; i--)
        {
            if (operands[i] == Everything)
                return Everything;
            if (operands[i].Kind == RxKind.Set)
            {
                set |= operands[i].First;
                setIsText &= operands[i].IsText;
                operands.RemoveAt(i);
            }
            else if (operands[i].IsNothing)
            {
                operands.RemoveAt(i);
            }
        }

        if (!set.IsEmpty)
            operands.Add(Set(set, setIsText));

        // Everything that is text is part of all text.
        if (AllText is { } all && operands.Contains(all))
        {
            operands.RemoveAll(operand => operand != all && operand.IsText);
            if (operands.Count == 1)
                return all;
        }

        return Combine(RxKind.Or, operands, Nothing);
    }

    public Rx And(params ReadOnlySpan<Rx> items)
    {
        var operands = new List<Rx>(items.Length);
        foreach (var item in items)
            Flatten(item, RxKind.And, operands);

        operands.RemoveAll(operand => operand == Everything);
        if (operands.Exists(static operand => operand.IsNothing))
            return Nothing;
        if (operands.Exists(static operand => operand.IsEpsilon))
            return operands.TrueForAll(static operand => operand.IsNullable) ? Epsilon : Nothing;

        if (AllText is { } all && operands.Count > 1 && operands.Exists(operand => operand.IsText && operand != all))
            operands.RemoveAll(operand => operand == all);

        // Fixed strings are looked up at once: what is left of them needs no search.
        var finite = operands.FindIndex(IsFinite);
        if (finite >= 0 && operands.Count > 1)
        {
            var strings = operands[finite].Kind == RxKind.Or ? operands[finite].Items : [operands[finite]];
            operands.RemoveAt(finite);
            return Or([.. strings.Where(text => operands.TrueForAll(operand => Matches(operand, BytesOf(text))))]);
        }

        if (operands.Count > 1 && operands.TrueForAll(static operand => operand.Kind == RxKind.Set))
        {
            var set = ByteSet.All;
            foreach (var operand in operands)
                set &= operand.First;

            return Set(set, operands.Exists(static operand => operand.IsText));
        }

        return Combine(RxKind.And, operands, Everything);
    }

    private static bool IsFinite(Rx node) => node.Kind switch
    {
        RxKind.Literal => true,
        RxKind.Set => node.First.Count == 1,
        RxKind.Or => Array.TrueForAll(node.Items, static item => item.Kind == RxKind.Literal || (item.Kind == RxKind.Set && item.First.Count == 1)),
        _ => false,
    };

    private static ReadOnlySpan<byte> BytesOf(Rx node) => node.Kind == RxKind.Literal ? node.Rest : new[] { node.First.First };

    private static void Flatten(Rx item, RxKind kind, List<Rx> into)
    {
        if (item.Kind != kind)
            into.Add(item);
        else
            into.AddRange(item.Items);
    }

    private Rx Combine(RxKind kind, List<Rx> operands, Rx neutral)
    {
        if (operands.Count == 0)
            return neutral;

        operands.Sort(static (a, b) => a.Hash.CompareTo(b.Hash));
        var count = 1;
        for (var i = 1; i < operands.Count; i++)
            if (operands[i] != operands[count - 1])
                operands[count++] = operands[i];

        if (count == 1)
            return operands[0];

        operands.RemoveRange(count, operands.Count - count);
        var hash = new StructuralHash(8 + (int)kind);
        foreach (var operand in operands)
            hash.Add(operand.Hash);

        if (Find(hash.Value) is { } found)
            return found;

        CountStep(count);
        var isOr = kind == RxKind.Or;
        var minLength = isOr ? Rx.Unbounded : 0;
        var first = isOr ? default : ByteSet.All;
        foreach (var operand in operands)
        {
            minLength = isOr ? Math.Min(minLength, operand.MinLength) : Math.Max(minLength, operand.MinLength);
            first = isOr ? first | operand.First : first & operand.First;
        }

        return Intern(new Rx
        {
            Kind = kind,
            Hash = hash.Value,
            IsNullable = isOr ? operands.Exists(static o => o.IsNullable) : operands.TrueForAll(static o => o.IsNullable),
            MinLength = minLength,
            NeedsSearch = !isOr || operands.Exists(static o => o.NeedsSearch),
            IsText = isOr ? operands.TrueForAll(static o => o.IsText) : operands.Exists(static o => o.IsText),
            First = first,
            Items = [.. operands],
        });
    }
}
