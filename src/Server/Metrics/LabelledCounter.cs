using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ModelRunner.Server.Metrics;

/// <summary>A count for each of some labels, which only grows. Thread-safe. Whoever adds bounds the number of labels.</summary>
/// <typeparam name="TLabel">What is counted apart.</typeparam>
internal sealed class LabelledCounter<TLabel> where TLabel : notnull
{
    private readonly ConcurrentDictionary<TLabel, StrongBox<long>> _counts = new();

    public int LabelCount => _counts.Count;

    public void Add(TLabel label, long count) =>
        Interlocked.Add(ref _counts.GetOrAdd(label, static _ => new StrongBox<long>()).Value, count);

    public bool Contains(TLabel label) => _counts.ContainsKey(label);

    /// <summary>The counts so far, in the order of their labels.</summary>
    public IEnumerable<(TLabel Label, long Count)> Read() =>
        _counts.Select(pair => (pair.Key, Volatile.Read(ref pair.Value.Value))).OrderBy(pair => pair.Key);
}
