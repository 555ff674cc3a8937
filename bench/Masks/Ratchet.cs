
namespace ModelRunner.Bench.Masks;

/// <summary>
/// Outcomes that were reached before: a file with a line for each case that does not pass. A case that is not in it
/// must pass, and one that is may only get better.
/// </summary>
internal static class Ratchet
{
    /// <returns>0 when nothing got worse.</returns>
    public static int Check(string path, bool isUpdated, List<CaseResult> results)
    {
        if (path.Length == 0)
            return 0;

        var known = File.Exists(path)
            ? File.ReadLines(path).Select(static line => line.Split('\t')).ToDictionary(static parts => parts[0], static parts => Enum.Parse<CaseOutcome>(parts[1]))
            : [];
        var worse = results.Where(result => result.Outcome > known.GetValueOrDefault(result.Case.Name)).ToList();
        foreach (var result in worse)
            Console.WriteLine($"  WORSE {result.Case.Name}: {result.Outcome}, was {known.GetValueOrDefault(result.Case.Name)}");

        if (!isUpdated)
            return worse.Count == 0 ? 0 : 1;

        foreach (var result in results)
            known[result.Case.Name] = result.Outcome;
        File.WriteAllLines(path, known.Where(static pair => pair.Value != CaseOutcome.Pass).Select(static pair => $"{pair.Key}\t{pair.Value}").Order(StringComparer.Ordinal));
        return 0;
    }
}
