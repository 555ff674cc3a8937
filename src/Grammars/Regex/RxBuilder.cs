namespace ModelRunner.Grammars.Regex;

/// <summary>
/// Makes and simplifies expressions; one for each grammar. Follows Owens, Reppy and Turon, "Regular-expression
/// derivatives re-examined" (2009): the simplifications keep the number of derivatives finite and small.
/// </summary>
internal sealed partial class RxBuilder
{
    private static readonly ByteSet MultipleBytes = ByteSet.Of("0123456789.");

    private readonly Dictionary<UInt128, Rx> _nodes = [];
    private readonly GrammarLimits _limits;

    public RxBuilder(GrammarLimits limits)
    {
        _limits = limits;
        StepLimit = limits.CompileSteps;
        Nothing = Intern(new Rx { Kind = RxKind.Nothing, Hash = new StructuralHash(0).Value, IsNullable = false, MinLength = Rx.Unbounded, IsText = true, First = default });
        Epsilon = Intern(new Rx { Kind = RxKind.Epsilon, Hash = new StructuralHash(1).Value, IsNullable = true, MinLength = 0, IsText = true, First = default });
        Everything = Not(Nothing);
    }

    public Rx Nothing { get; }

    public Rx Epsilon { get; }

    /// <summary>Every byte string.</summary>
    public Rx Everything { get; }

    /// <summary>All sequences of characters: the greatest expression that <see cref="Rx.IsText"/> speaks of.</summary>
    public Rx? AllText { get; set; }

    /// <summary>Work done since it was set to 0.</summary>
    public long Steps { get; set; }

    /// <summary>Where <see cref="Steps"/> ends in an exception.</summary>
    public long StepLimit { get; set; }

    public Rx Set(ByteSet set, bool isText = false)
    {
        if (set.IsEmpty)
            return Nothing;

        var hash = new StructuralHash(2);
        hash.Add(set.Word0);
        hash.Add(set.Word1);
        hash.Add(set.Word2);
        hash.Add(set.Word3);
        return Find(hash.Value)
            ?? Intern(new Rx { Kind = RxKind.Set, Hash = hash.Value, IsNullable = false, MinLength = 1, First = set, IsText = isText });
    }

    public Rx Literal(ReadOnlySpan<byte> bytes, bool isText = false) => bytes.Length switch
    {
        0 => Epsilon,
        1 => Set(ByteSet.Of(bytes[0]), isText),
        _ => Literal(bytes.ToArray(), 0, isText),
    };

    public Rx Concat(params ReadOnlySpan<Rx> parts)
    {
        var result = Epsilon;
        for (var i = parts.Length - 1; i >= 0; i--)
            result = Concat(parts[i], result);

        return result;
    }

    public Rx Concat(Rx head, Rx tail)
    {
        if (head.IsNothing || tail.IsNothing)
            return Nothing;
        if (head.IsEpsilon)
            return tail;
        if (tail.IsEpsilon)
            return head;
        if (head.Kind == RxKind.Concat)
            return ConcatChain(head, tail);

        var hash = new StructuralHash(3);
        hash.Add(head.Hash);
        hash.Add(tail.Hash);
        return Find(hash.Value) ?? Intern(new Rx
        {
            Kind = RxKind.Concat,
            Hash = hash.Value,
            IsNullable = head.IsNullable && tail.IsNullable,
            MinLength = Saturate((long)head.MinLength + tail.MinLength),
            NeedsSearch = head.NeedsSearch || tail.NeedsSearch,
            IsText = head.IsText && tail.IsText,
            First = head.IsNullable ? head.First | tail.First : head.First,
            Items = [head, tail],
        });
    }

    // Chains are as long as what a client writes: no stack is as deep.
    private Rx ConcatChain(Rx chain, Rx tail)
    {
        var heads = new List<Rx>();
        for (; chain.Kind == RxKind.Concat; chain = chain.Items[1])
            heads.Add(chain.Items[0]);

        var result = Concat(chain, tail);
        for (var i = heads.Count - 1; i >= 0; i--)
            result = Concat(heads[i], result);

        return result;
    }

    public Rx Optional(Rx item) => Or(item, Epsilon);

    public Rx Star(Rx item) => Repeat(item, 0, Rx.Unbounded);

    public Rx Plus(Rx item) => Repeat(item, 1, Rx.Unbounded);

    public Rx Repeat(Rx item, int min, int max)
    {
        if (min > max)
            return Nothing;
        if (max == 0 || item.IsEpsilon)
            return Epsilon;
        if (item.IsNothing)
            return min == 0 ? Epsilon : Nothing;
        if (min == 1 && max == 1)
            return item;
        if (item.IsNullable)
            min = 0;
        if (item.Kind == RxKind.Repeat && item.Min == 0 && item.Max == Rx.Unbounded)
            return item;

        var hash = new StructuralHash(4);
        hash.Add(item.Hash);
        hash.Add((ulong)min);
        hash.Add((ulong)max);
        return Find(hash.Value) ?? Intern(new Rx
        {
            Kind = RxKind.Repeat,
            Hash = hash.Value,
            IsNullable = min == 0,
            MinLength = Saturate((long)min * item.MinLength),
            NeedsSearch = item.NeedsSearch,
            IsText = item.IsText,
            First = item.First,
            Items = [item],
            Min = min,
            Max = max,
        });
    }

    public Rx Not(Rx item)
    {
        if (item.Kind == RxKind.Not)
            return item.Items[0];

        var hash = new StructuralHash(5);
        hash.Add(item.Hash);
        return Find(hash.Value) ?? Intern(new Rx
        {
            Kind = RxKind.Not,
            Hash = hash.Value,
            IsNullable = !item.IsNullable,
            MinLength = item.IsNullable ? 1 : 0,
            NeedsSearch = !item.IsNothing,
            First = ByteSet.All,
            Items = [item],
        });
    }

    /// <summary>The strings of <paramref name="item"/> that <paramref name="other"/> lacks.</summary>
    public Rx Except(Rx item, Rx other) => And(item, Not(other));

    /// <summary>
    /// Digits, the first of which may be 0 only alone, with <paramref name="fraction"/> digits behind a point, that
    /// are a multiple of <paramref name="divisor"/> when the point is left out.
    /// </summary>
    public Rx Multiple(int divisor, int fraction) => Multiple(0, divisor, -1 - fraction);

    private Rx Multiple(int remainder, int divisor, int digits)
    {
        var hash = new StructuralHash(6);
        hash.Add((ulong)remainder);
        hash.Add((ulong)divisor);
        hash.Add((ulong)(uint)digits);
        return Find(hash.Value) ?? Intern(new Rx
        {
            Kind = RxKind.Multiple,
            Hash = hash.Value,
            IsNullable = (digits is 0 or -1) && remainder == 0,
            MinLength = digits switch { -1 => 0, < 0 => -digits, _ => digits },
            // Behind the point the digits are counted: only a search tells whether a multiple is left.
            NeedsSearch = digits != -1,
            First = MultipleBytes,
            Min = remainder,
            Max = divisor,
            Digits = digits,
        });
    }

    private Rx Literal(byte[] bytes, int offset, bool isText)
    {
        var rest = bytes.AsSpan(offset);
        if (rest.Length == 1)
            return Set(ByteSet.Of(rest[0]), isText);

        var hash = new StructuralHash(7);
        hash.Add((ulong)rest.Length);
        foreach (var value in rest)
            hash.Add(value);

        return Find(hash.Value) ?? Intern(new Rx
        {
            Kind = RxKind.Literal,
            Hash = hash.Value,
            IsNullable = false,
            MinLength = rest.Length,
            First = ByteSet.Of(rest[0]),
            Bytes = bytes,
            Min = offset,
            IsText = isText,
        });
    }

    private Rx? Find(UInt128 hash)
    {
        CountStep();
        return _nodes.GetValueOrDefault(hash);
    }

    private Rx Intern(Rx node)
    {
        if (_nodes.Count >= _limits.ExpressionCount)
            throw new GrammarLimitException("it has too many states");

        _nodes.Add(node.Hash, node);
        return node;
    }

    /// <summary>Counts a unit of work.</summary>
    /// <exception cref="GrammarLimitException">There is none left.</exception>
    public void CountStep(int count = 1)
    {
        if ((Steps += count) > StepLimit)
            throw new GrammarLimitException("it takes too many steps");
    }

    private static int Saturate(long length) => (int)Math.Min(length, Rx.Unbounded);
}
