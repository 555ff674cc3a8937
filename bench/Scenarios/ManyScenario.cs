using System.Diagnostics;
using System.Globalization;
using ModelRunner.Bench.Http;
using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Scenarios;

/// <summary>256 streams decoding at once.</summary>
internal static class ManyScenario
{
    public static async Task RunAsync(Arguments arguments)
    {
        var streams = arguments.Number("clients", 256);
        var tokens = arguments.Number("tokens", 256);
        var rounds = arguments.Number("rounds", 5);
        var target = Target.Read(arguments, streams, 512);
        var vocabularySize = target.ReadVocabularySize();
        await using var server = await ServerProcess.StartAsync(target.Path, target.ServerOptions);
        Console.WriteLine($"### {Path.GetFileNameWithoutExtension(target.Path)}, {streams} streams of {tokens} tokens\n");
        Console.WriteLine("| round | streams whole | all at once, s | tokens/s | server memory, MB |\n|---|---|---|---|---|");
        for (var round = 1; round <= rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var arrivals = await Task.WhenAll(Enumerable.Range(0, streams).Select(client =>
                TokenReader.ReadAsync(server, Workload.Prompt((round * 1000) + client, 32, vocabularySize), tokens)));
            var together = Stopwatch.GetElapsedTime(arrivals.Max(stream => stream[0]), arrivals.Min(stream => stream[^1])).TotalSeconds;
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {round} | {arrivals.Length} | {together:0.0} of {seconds:0.0} | {streams * tokens / seconds:0} | {server.ResidentBytes / 1e6:0} |"));
        }
    }
}
