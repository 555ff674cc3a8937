using System.Diagnostics;
using ModelRunner.Bench.Http;
using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Scenarios;

/// <summary>Time to first token of a prompt whose beginning is resident, beside one that is all new.</summary>
internal static class PrefixScenario
{
    private const int Shared = 2048;
    private const int New = 32;

    public static async Task RunAsync(Arguments arguments)
    {
        var target = Target.Read(arguments, 4, 4096);
        var pairs = arguments.Number("pairs", 10);
        var vocabularySize = target.ReadVocabularySize();
        await using var server = await ServerProcess.StartAsync(target.Path, target.ServerOptions);
        var shared = Workload.Prompt(0, Shared, vocabularySize);
        await FirstTokenAsync(server, shared);
        var prompt = 1;
        var result = await Pairs.MeasureAsync(
            pairs,
            () => FirstTokenAsync(server, Workload.Prompt(prompt++, Shared + New, vocabularySize)),
            async () =>
            {
                // Made the most recent again, as in use: the cold prompts would push it out.
                await FirstTokenAsync(server, shared);
                return await FirstTokenAsync(server, [.. shared, .. Workload.Prompt(prompt++, New, vocabularySize)]);
            });

        Console.WriteLine($"### {target.Model}, {Shared} shared and {New} new tokens, {target.Layout}\n");
        Console.WriteLine("| cold, ms | warm, ms | warm / cold (95 %) |\n|---|---|---|");
        Console.WriteLine($"| {result.Cells()} |");
    }

    /// <summary>Milliseconds.</summary>
    private static async Task<double> FirstTokenAsync(ServerProcess server, int[] prompt)
    {
        var start = Stopwatch.GetTimestamp();
        var arrivals = await TokenReader.ReadAsync(server, prompt, 2);
        return Stopwatch.GetElapsedTime(start, arrivals[0]).TotalMilliseconds;
    }
}
