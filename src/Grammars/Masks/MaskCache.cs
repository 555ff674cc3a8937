namespace ModelRunner.Grammars.Masks;

/// <summary>
/// Masks of lexer states, shared by all grammars over one vocabulary: strings and numbers look alike in all of them.
/// Two generations stand in for an order of use: when the young one is full, the old one is dropped. Thread-safe.
/// </summary>
internal sealed class MaskCache(long capacityInBytes)
{
    // Most whole masks are much like one of a few: any string, the beginning of one, any key. Each generation has its
    // own, so that odd ones that came early do not take the places for ever.
    private const int MaxBases = 32;

    private readonly Lock _lock = new();
    private Dictionary<UInt128, LexMask> _young = [];
    private Dictionary<UInt128, LexMask> _old = [];
    private long _youngSize;
    private TokenBits[] _bases = [];

    public LexMask? Find(UInt128 key)
    {
        lock (_lock)
        {
            if (_young.TryGetValue(key, out var mask))
                return mask;
            if (_old.Remove(key, out mask))
                Insert(key, mask);

            return mask;
        }
    }

    public void Add(UInt128 key, LexMask mask)
    {
        lock (_lock)
            Insert(key, mask);
    }

    /// <summary>A set of tokens, by its difference from one that is kept for that where there is such a one.</summary>
    public TokenBits MakeBits(ReadOnlySpan<ulong> mask)
    {
        var bits = new TokenBits(mask, Volatile.Read(ref _bases));
        if (!bits.IsWhole)
            return bits;

        lock (_lock)
        {
            if (_bases.Length < MaxBases)
            {
                bits = bits.Share();
                Volatile.Write(ref _bases, [.. _bases, bits]);
            }
        }

        return bits;
    }

    private void Insert(UInt128 key, LexMask mask)
    {
        if (!_young.TryAdd(key, mask))
            return;

        _youngSize += mask.SizeInBytes;
        if (_youngSize <= capacityInBytes / 2)
            return;

        _old = _young;
        _young = [];
        _youngSize = 0;
        Volatile.Write(ref _bases, []);
    }
}
