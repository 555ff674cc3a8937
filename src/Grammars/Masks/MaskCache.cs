namespace ModelRunner.Grammars.Masks;

/// <summary>
/// Masks of lexer states, shared by all grammars over one vocabulary: strings and numbers look alike in all of them.
/// Two generations stand in for an order of use: when the young one is full, the old one is dropped. Thread-safe.
/// </summary>
internal sealed class MaskCache(long capacityInBytes)
{
    private readonly Lock _lock = new();
    private Dictionary<UInt128, LexMask> _young = [];
    private Dictionary<UInt128, LexMask> _old = [];
    private long _youngSize;

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
    }
}
