using System.Collections.Frozen;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>A filter: its subject and its arguments.</summary>
internal delegate Value Filter(Value subject, Arguments arguments);

/// <summary>The filters, by name.</summary>
internal static class Filters
{
    private static readonly FrozenDictionary<string, Filter> Table = Join(TextFilters.Table, NumberFilters.Table, SequenceFilters.Table, SelectionFilters.Table);

    public static bool TryFind(string name, out Filter filter)
    {
        filter = Table.GetValueOrDefault(name)!;
        return filter is not null;
    }

    /// <summary>A stable sort by key.</summary>
    public static List<T> Sort<T>(IReadOnlyList<T> items, Func<T, Value> key, bool isReverse, Rendering rendering)
    {
        rendering.ChargeItems(items.Count * (long)Math.Max(1, Math.Log2(Math.Max(1, items.Count))));
        var comparer = Comparer<Value>.Create(static (x, y) => Operations.Compare(x, y) is var order && order == 2 ? 0 : order);
        try
        {
            // A descending sort keeps the order of equals, as Python's does.
            return [.. isReverse ? items.OrderByDescending(key, comparer) : items.OrderBy(key, comparer)];
        }
        catch (InvalidOperationException exception) when (exception.InnerException is TemplateException inner)
        {
            throw inner;
        }
    }

    private static FrozenDictionary<string, Filter> Join(params ReadOnlySpan<IReadOnlyDictionary<string, Filter>> tables)
    {
        var all = new Dictionary<string, Filter>();
        foreach (var table in tables)
            foreach (var (name, filter) in table)
                all.Add(name, filter);

        return all.ToFrozenDictionary();
    }
}
