using System.Buffers;

namespace ModelRunner.Tokenizers.Models;

/// <summary>A binary heap of numbers over pooled memory.</summary>
internal struct MinimumHeap(int capacity) : IDisposable
{
    private long[] _items = ArrayPool<long>.Shared.Rent(capacity);
    private int _count;

    public void Push(long item)
    {
        if (_count == _items.Length)
            Grow();
        var index = _count++;
        for (; index > 0 && _items[(index - 1) / 2] > item; index = (index - 1) / 2)
            _items[index] = _items[(index - 1) / 2];
        _items[index] = item;
    }

    public bool TryPop(out long item)
    {
        if (_count == 0)
        {
            item = 0;
            return false;
        }

        item = _items[0];
        var last = _items[--_count];
        var index = 0;
        for (var child = 1; child < _count; child = (index * 2) + 1)
        {
            if (child + 1 < _count && _items[child + 1] < _items[child])
                child++;
            if (_items[child] >= last)
                break;
            _items[index] = _items[child];
            index = child;
        }

        _items[index] = last;
        return true;
    }

    public void Dispose() => ArrayPool<long>.Shared.Return(_items);

    private void Grow()
    {
        var larger = ArrayPool<long>.Shared.Rent(_count * 2);
        _items.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<long>.Shared.Return(_items);
        _items = larger;
    }
}
