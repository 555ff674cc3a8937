using System.Text.RegularExpressions;
using ModelRunner.PocketModel.Corpus;

namespace ModelRunner.PocketModel.Evaluation;

/// <summary>Finds runs of six words that a prompt of the evaluation shares with what users say in the corpus.</summary>
internal static partial class SharedRuns
{
    private const int Length = 6;

    public static List<string> Find(IEnumerable<string> prompts, CorpusBuilder corpus, int seed, int conversationCount)
    {
        var runs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var prompt in prompts)
            foreach (var run in Runs(prompt))
                runs.TryAdd(run, prompt);
        var shared = new HashSet<string>(StringComparer.Ordinal);
        var random = new Random(seed);
        for (var i = 0; i < conversationCount; i++)
            foreach (var message in (i % 3 < 2 ? corpus.Next(random) : corpus.NextOfSecondPart(random)).Messages)
                foreach (var run in Runs(message.Content))
                    if (runs.TryGetValue(run, out var prompt))
                        shared.Add($"{prompt} ({run})");

        return [.. shared];
    }

    private static IEnumerable<string> Runs(string text)
    {
        var words = Word().Matches(text.ToLowerInvariant()).Select(match => match.Value).ToArray();
        for (var i = 0; i + Length <= words.Length; i++)
            yield return string.Join(' ', words, i, Length);
    }

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex Word();
}
