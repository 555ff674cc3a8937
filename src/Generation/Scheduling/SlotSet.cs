using System.Numerics;
using System.Runtime.CompilerServices;

namespace ModelRunner.Generation.Scheduling;

/// <summary>A set of slot numbers in [0, 1024), as bits.</summary>
internal struct SlotSet
{
    public const int Capacity = 1024;

    private Words _words;

    public readonly bool IsEmpty
    {
        get
        {
            ReadOnlySpan<ulong> words = _words;
            return !words.ContainsAnyExcept(0UL);
        }
    }

    public readonly bool Contains(int slot) => (_words[slot >> 6] >> slot & 1) != 0;

    public void Add(int slot) => _words[slot >> 6] |= 1UL << slot;

    public void Remove(int slot) => _words[slot >> 6] &= ~(1UL << slot);

    /// <summary>The smallest member that is at least <paramref name="from"/>, or -1.</summary>
    public readonly int Next(int from)
    {
        for (var word = from >> 6; word < Words.Count; word++)
        {
            var bits = _words[word];
            if (word == from >> 6)
                bits &= ulong.MaxValue << from;

            if (bits != 0)
                return (word << 6) + BitOperations.TrailingZeroCount(bits);
        }

        return -1;
    }

    [InlineArray(Count)]
    private struct Words
    {
        public const int Count = Capacity / 64;

#pragma warning disable IDE0044, IDE0051 // The one element of an inline array.
        private ulong _first;
#pragma warning restore IDE0044, IDE0051
    }
}
