using System.Text;

namespace ModelRunner.PocketModel.Tokens;

/// <summary>Learns the merges of a vocabulary from text: the most frequent pair first, the smaller tokens on a tie.</summary>
internal static class BpeTrainer
{
    public static Vocabulary Train(IEnumerable<string> texts, int vocabularySize)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts)
            foreach (var plain in Vocabulary.Plain(text))
                foreach (var word in Vocabulary.Words(plain))
                    counts[word] = counts.GetValueOrDefault(word) + 1;

        // Words seen once or twice are made up: what they share shows in the others too.
        var first = Vocabulary.BaseCount - 256;
        var words = counts.Where(pair => pair.Value > 2).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (Ids: Encoding.UTF8.GetBytes(pair.Key).Select(value => first + value).ToList(), Count: pair.Value)).ToList();
        var merges = new List<(int, int)>();
        var pairs = new Dictionary<(int, int), long>();
        for (var next = Vocabulary.BaseCount; next < vocabularySize; next++)
        {
            pairs.Clear();
            foreach (var (ids, count) in words)
                for (var i = 0; i + 1 < ids.Count; i++)
                    pairs[(ids[i], ids[i + 1])] = pairs.GetValueOrDefault((ids[i], ids[i + 1])) + count;
            if (pairs.Count == 0)
                throw new InvalidOperationException($"The text has no more than {next} tokens.");
            var best = pairs.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key;
            merges.Add(best);
            foreach (var (ids, _) in words)
                for (var i = 0; i + 1 < ids.Count; i++)
                    if ((ids[i], ids[i + 1]) == best)
                    {
                        ids[i] = next;
                        ids.RemoveAt(i + 1);
                    }
        }

        return new Vocabulary(merges);
    }
}
