using ModelRunner.Testing;
using ModelRunner.Tokenizers.Models;

namespace ModelRunner.Tokenizers.Tests.Models;

public sealed class BpeMergerTests
{
    [Fact]
    public void Merge_RandomMerges_IsWhatThePlainAlgorithmGives()
    {
        for (var seed = 0; seed < Campaign.Count(2_000, 100_000); seed++)
        {
            var random = new Random(seed);
            var merges = new Dictionary<(int, int), (int Rank, int Result)>();
            for (var next = 4; next < 30; next++)
                merges.TryAdd((random.Next(next), random.Next(next)), (merges.Count, next));
            var table = new PairTable(merges.Count);
            foreach (var (pair, merge) in merges)
                table.Set(pair.Item1, pair.Item2, merge.Rank, merge.Result);
            var word = Enumerable.Range(0, random.Next(1, 120)).Select(_ => random.Next(4)).ToList();

            var actual = new List<int> { -7 };
            actual.AddRange(word);
            BpeMerger.Merge(actual, 1, table);

            Assert.Equal([-7, .. Plain(word, merges)], actual);
        }
    }

    [Fact]
    public async Task Merge_OneWordOfAMillion_TakesNoQuadraticTime()
    {
        var table = new PairTable(20);
        for (var i = 0; i < 20; i++)
            table.Set(i, i, i, i + 1);
        var word = Enumerable.Repeat(0, 1 << 20).ToList();
        await Task.Run(() => BpeMerger.Merge(word, 0, table), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal([20], word);
    }

    private static List<int> Plain(List<int> word, Dictionary<(int, int), (int Rank, int Result)> merges)
    {
        word = [.. word];
        while (true)
        {
            var best = -1;
            for (var i = 0; i + 1 < word.Count; i++)
                if (merges.TryGetValue((word[i], word[i + 1]), out var merge) && (best < 0 || merge.Rank < merges[(word[best], word[best + 1])].Rank))
                    best = i;
            if (best < 0)
                return word;
            word[best] = merges[(word[best], word[best + 1])].Result;
            word.RemoveAt(best + 1);
        }
    }
}
