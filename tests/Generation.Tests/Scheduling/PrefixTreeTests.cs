using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Generation.Tests.Scheduling;

public sealed class PrefixTreeTests
{
    private const int Slots = 9;
    private const int LongestText = 12;

    [Fact]
    public void Match_RandomHistories_EqualsTheNaiveModel()
    {
        for (var seed = 0; seed < 40; seed++)
            RunHistory(new Random(seed), steps: 500, alphabet: 1 + (seed % 3));
    }

    [Fact]
    public void Set_EveryCapacity_FindsTheLastSlot()
    {
        // Slots beyond the first word of a set.
        var tree = new PrefixTree(SlotSet.Capacity);
        tree.Set(SlotSet.Capacity - 1, new[] { 1, 2, 3 });
        tree.Set(64, new[] { 1, 2 });
        Assert.Equal(3, tree.Match([1, 2, 3, 4], out var slots));
        Assert.Equal([SlotSet.Capacity - 1], Members(slots));
        Assert.Equal(2, tree.Match([1, 2, 4], out slots));
        Assert.Equal([64, SlotSet.Capacity - 1], Members(slots));
    }

    private static void RunHistory(Random random, int steps, int alphabet)
    {
        var tree = new PrefixTree(Slots);
        var texts = new int[Slots][];
        Array.Fill(texts, []);
        for (var step = 0; step < steps; step++)
        {
            var slot = random.Next(Slots);
            if (random.Next(3) == 0)
            {
                tree.Remove(slot);
                texts[slot] = [];
            }
            else
            {
                texts[slot] = DrawText(random, texts, alphabet);
                tree.Set(slot, texts[slot]);
            }

            Assert.Equal(texts.Select(text => text.Length), Enumerable.Range(0, Slots).Select(tree.GetLength));
            AssertMatches(tree, texts, DrawText(random, texts, alphabet));
        }

        for (var slot = 0; slot < Slots; slot++)
            tree.Remove(slot);

        // A node that stayed behind would begin with one of the tokens.
        for (var token = 0; token < alphabet; token++)
            Assert.Equal(0, tree.Match([token], out _));
    }

    private static void AssertMatches(PrefixTree tree, int[][] texts, int[] wanted)
    {
        var length = texts.Max(text => text.AsSpan().CommonPrefixLength(wanted));
        var holders = Enumerable.Range(0, Slots)
            .Where(slot => length > 0 && texts[slot].AsSpan().CommonPrefixLength(wanted) == length);
        Assert.Equal(length, tree.Match(wanted, out var slots));
        Assert.Equal(holders, Members(slots));
    }

    /// <summary>New text, or what a slot has, cut or continued: as turns of chats are.</summary>
    private static int[] DrawText(Random random, int[][] texts, int alphabet)
    {
        var known = texts[random.Next(Slots)];
        var kept = random.Next(3) == 0 ? 0 : random.Next(known.Length + 1);
        var added = random.Next(LongestText - kept + 1);
        return [.. known.Take(kept), .. Enumerable.Range(0, added).Select(_ => random.Next(alphabet))];
    }

    private static List<int> Members(SlotSet slots)
    {
        var members = new List<int>();
        for (var slot = slots.Next(0); slot >= 0; slot = slots.Next(slot + 1))
            members.Add(slot);

        return members;
    }
}
