using System.Diagnostics;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Sampling;

/// <summary>
/// How often each token stands in the penalty window and in the output of one sequence, kept from call to call. A
/// small open-addressing table over the distinct tokens: a row as long as the vocabulary would cost half a megabyte a
/// sequence. It grows by doubling, and allocates nothing between.
/// </summary>
internal sealed class PenaltyCounts(SamplingOptions options)
{
    private readonly int _window = options.RepetitionPenalty == 1 ? 0 : options.PenaltyWindow;
    private readonly bool _countsOutput = options.FrequencyPenalty != 0 || options.PresencePenalty != 0;

    private Entry[] _entries = new Entry[16];
    private int[] _slots = new int[32];
    private int _entryCount;

    // history[_windowStart, _historyLength) is counted as the window.
    private int _windowStart;
    private int _historyLength;

    /// <summary>Counts what has been added to the history since the call before.</summary>
    public void Advance(ReadOnlySpan<int> history, int promptLength)
    {
        Debug.Assert(history.Length >= _historyLength, "Only accepted tokens are in a history, so it only grows.");
        var windowStart = _window < 0 ? 0 : Math.Max(0, history.Length - _window);
        var left = Math.Min(windowStart, _historyLength);
        for (var i = _windowStart; i < left; i++)
        {
            Find(history[i]).WindowCount--;
        }

        for (var i = _historyLength; i < history.Length; i++)
        {
            var inWindow = i >= windowStart;
            var inOutput = _countsOutput && i >= promptLength;
            if (inWindow || inOutput)
            {
                ref var entry = ref Find(history[i]);
                entry.WindowCount += inWindow ? 1 : 0;
                entry.OutputCount += inOutput ? 1 : 0;
            }
        }

        _windowStart = windowStart;
        _historyLength = history.Length;
    }

    /// <summary>Penalises the logits of the counted tokens, and touches no others.</summary>
    public void Apply(Span<float> logits)
    {
        foreach (ref readonly var entry in _entries.AsSpan(0, _entryCount))
        {
            if ((uint)entry.Token >= (uint)logits.Length)
            {
                continue;
            }

            ref var logit = ref logits[entry.Token];
            if (entry.WindowCount > 0)
            {
                logit = logit > 0 ? logit / options.RepetitionPenalty : logit * options.RepetitionPenalty;
            }

            if (entry.OutputCount > 0)
            {
                logit -= (options.FrequencyPenalty * entry.OutputCount) + options.PresencePenalty;
            }
        }
    }

    private ref Entry Find(int token)
    {
        var mask = _slots.Length - 1;
        var slot = SlotOf(token, mask);
        // A slot holds the number of its entry plus one; 0 is free.
        for (; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            ref var entry = ref _entries[_slots[slot] - 1];
            if (entry.Token == token)
            {
                return ref entry;
            }
        }

        if (_entryCount == _entries.Length)
        {
            Grow();
            return ref Find(token);
        }

        _entries[_entryCount].Token = token;
        _slots[slot] = ++_entryCount;
        return ref _entries[_entryCount - 1];
    }

    private void Grow()
    {
        Array.Resize(ref _entries, _entries.Length * 2);
        _slots = new int[_entries.Length * 2];
        var mask = _slots.Length - 1;
        for (var i = 0; i < _entryCount; i++)
        {
            var slot = SlotOf(_entries[i].Token, mask);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            _slots[slot] = i + 1;
        }
    }

    private static int SlotOf(int token, int mask) => (int)(((uint)token * 0x9E3779B1) >> 8) & mask;

    private struct Entry
    {
        public int Token;
        public int WindowCount;
        public int OutputCount;
    }
}
