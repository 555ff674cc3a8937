namespace ModelRunner.PocketModel.Corpus;

/// <summary>Random choices of the generators.</summary>
internal static class Choice
{
    public static T Pick<T>(this Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>Several different ones, in random order.</summary>
    public static List<T> PickSome<T>(this Random random, IReadOnlyList<T> items, int count)
    {
        var all = items.ToArray();
        random.Shuffle(all);
        return [.. all.Take(count)];
    }

    public static bool Chance(this Random random, double probability) => random.NextDouble() < probability;
}
