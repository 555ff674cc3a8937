using System.Numerics;

namespace ModelRunner.Tokenizers.Models;

/// <summary>A hash table from two numbers to two numbers, by open addressing. Read-only once filled.</summary>
internal sealed class PairTable
{
    private const ulong Absent = ulong.MaxValue;

    private readonly ulong[] _keys;
    private readonly ulong[] _values;
    private readonly int _shift;

    public PairTable(int capacity)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 8) * 2);
        _keys = new ulong[size];
        _values = new ulong[size];
        _keys.AsSpan().Fill(Absent);
        _shift = 64 - BitOperations.Log2((uint)size);
    }

    /// <summary>Sets an entry; the last one of a key holds. No more keys than the capacity.</summary>
    public void Set(int first, int second, int valueFirst, int valueSecond)
    {
        var key = Join(first, second);
        var slot = FindSlot(key);
        _keys[slot] = key;
        _values[slot] = Join(valueFirst, valueSecond);
    }

    public bool TryGet(int first, int second, out int valueFirst, out int valueSecond)
    {
        var key = Join(first, second);
        var slot = FindSlot(key);
        valueFirst = (int)(_values[slot] >> 32);
        valueSecond = (int)_values[slot];
        return _keys[slot] == key;
    }

    private static ulong Join(int first, int second) => ((ulong)(uint)first << 32) | (uint)second;

    private int FindSlot(ulong key)
    {
        // Fibonacci hashing: Knuth, The Art of Computer Programming, section 6.4.
        var slot = (int)((key * 0x9E3779B97F4A7C15) >> _shift);
        while (_keys[slot] != key && _keys[slot] != Absent)
            slot = (slot + 1) & (_keys.Length - 1);
        return slot;
    }
}
