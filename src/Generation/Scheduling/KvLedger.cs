namespace ModelRunner.Generation.Scheduling;

/// <summary>
/// Counts the tokens of a pooled KV cache exactly, shared prefixes once: what an engine's cache does, done again with
/// numbers only, since engines cannot be asked how much is free.
/// </summary>
internal sealed class KvLedger
{
    private readonly bool _shares;
    private readonly int[] _references;
    private readonly int[] _freeCells;
    private readonly int[][] _cells;
    private readonly int[] _lengths;
    private int _freeCount;

    public KvLedger(int capacity, int slotCount, bool shares)
    {
        Capacity = capacity;
        _shares = shares;
        _references = new int[capacity];
        _freeCells = new int[capacity];
        for (var i = 0; i < capacity; i++)
            _freeCells[i] = i;

        _freeCount = capacity;
        _cells = new int[slotCount][];
        Array.Fill(_cells, []);
        _lengths = new int[slotCount];
    }

    public int Capacity { get; }

    public int FreeCount => _freeCount;

    public int UsedCount => Capacity - _freeCount;

    public int GetLength(int slot) => _lengths[slot];

    /// <summary>Tokens that releasing the slot would give back: those that no other slot shares.</summary>
    public int CountExclusive(int slot)
    {
        var count = 0;
        foreach (var cell in _cells[slot].AsSpan(0, _lengths[slot]))
            if (_references[cell] == 1)
                count++;

        return count;
    }

    public void Append(int slot, int count)
    {
        if (count > _freeCount)
            throw new InvalidOperationException($"{count} tokens do not fit in {_freeCount} free ones.");

        var length = _lengths[slot];
        Reserve(slot, length + count);
        for (var i = 0; i < count; i++)
        {
            var cell = _freeCells[--_freeCount];
            _references[cell] = 1;
            _cells[slot][length + i] = cell;
        }

        _lengths[slot] = length + count;
    }

    /// <summary>Keeps [0, length).</summary>
    public void Truncate(int slot, int length)
    {
        for (var i = length; i < _lengths[slot]; i++)
        {
            var cell = _cells[slot][i];
            if (--_references[cell] == 0)
                _freeCells[_freeCount++] = cell;
        }

        _lengths[slot] = Math.Min(length, _lengths[slot]);
    }

    public bool CanCopy(int length) => _shares || length <= _freeCount;

    /// <summary>Makes the empty slot target the prefix [0, length) of source.</summary>
    public void Copy(int source, int target, int length)
    {
        if (!_shares)
        {
            Append(target, length);
            return;
        }

        Reserve(target, length);
        _cells[source].AsSpan(0, length).CopyTo(_cells[target]);
        foreach (var cell in _cells[target].AsSpan(0, length))
            _references[cell]++;

        _lengths[target] = length;
    }

    private void Reserve(int slot, int length)
    {
        if (_cells[slot].Length < length)
            Array.Resize(ref _cells[slot], (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, 64)));
    }
}
