using System.Buffers;
using System.Runtime.InteropServices;

namespace ModelRunner.Tokenizers.Models;

/// <summary>
/// Joins adjacent symbols, the pair with the lowest rank first, the leftmost one on a tie. Short words look for the
/// lowest rank each time; long ones keep a heap, so that n symbols take O(n log n).
/// </summary>
internal static class BpeMerger
{
    private const int ShortLength = 48;
    private const int NoRank = int.MaxValue;

    /// <summary>Merges the symbols from an index on, in place.</summary>
    public static void Merge(List<int> symbols, int start, PairTable merges)
    {
        var word = CollectionsMarshal.AsSpan(symbols)[start..];
        var count = word.Length <= ShortLength ? MergeShort(word, merges) : MergeLong(word, merges);
        CollectionsMarshal.SetCount(symbols, start + count);
    }

    private static int MergeShort(Span<int> word, PairTable merges)
    {
        // ranks[i] is that of the pair (i, i + 1).
        Span<int> ranks = stackalloc int[ShortLength];
        var count = word.Length;
        for (var i = 0; i + 1 < count; i++)
            ranks[i] = GetRank(word, i, merges);

        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i + 1 < count; i++)
                if (ranks[i] < ranks[best])
                    best = i;
            if (ranks[best] == NoRank)
                break;

            merges.TryGet(word[best], word[best + 1], out _, out word[best]);
            word[(best + 2)..count].CopyTo(word[(best + 1)..]);
            ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
            count--;
            if (best > 0)
                ranks[best - 1] = GetRank(word, best - 1, merges);
            if (best + 1 < count)
                ranks[best] = GetRank(word, best, merges);
        }

        return count;
    }

    private static int GetRank(ReadOnlySpan<int> word, int index, PairTable merges) =>
        merges.TryGet(word[index], word[index + 1], out var rank, out _) ? rank : NoRank;

    private static int MergeLong(Span<int> word, PairTable merges)
    {
        // The symbols form a list: those merged into their left neighbour are -1.
        var previous = ArrayPool<int>.Shared.Rent(word.Length);
        var next = ArrayPool<int>.Shared.Rent(word.Length);
        var heap = new MinimumHeap(word.Length);
        for (var i = 0; i < word.Length; i++)
        {
            (previous[i], next[i]) = (i - 1, i + 1);
            if (i + 1 < word.Length)
                Push(word, i, i + 1, merges, ref heap);
        }

        while (heap.TryPop(out var entry))
        {
            var left = (int)entry;
            var right = next[left];
            if (word[left] < 0 || right == word.Length || !merges.TryGet(word[left], word[right], out var rank, out var merged))
                continue;

            // A pair that has changed since has another rank.
            if (rank != (int)(entry >> 32))
                continue;

            word[left] = merged;
            word[right] = -1;
            next[left] = next[right];
            if (next[left] < word.Length)
            {
                previous[next[left]] = left;
                Push(word, left, next[left], merges, ref heap);
            }

            if (previous[left] >= 0)
                Push(word, previous[left], left, merges, ref heap);
        }

        var count = 0;
        foreach (var symbol in word)
            if (symbol >= 0)
                word[count++] = symbol;
        heap.Dispose();
        ArrayPool<int>.Shared.Return(previous);
        ArrayPool<int>.Shared.Return(next);
        return count;
    }

    private static void Push(ReadOnlySpan<int> word, int left, int right, PairTable merges, ref MinimumHeap heap)
    {
        if (merges.TryGet(word[left], word[right], out var rank, out _))
            heap.Push(((long)rank << 32) | (uint)left);
    }
}
