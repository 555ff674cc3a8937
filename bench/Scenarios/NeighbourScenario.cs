using System.Diagnostics;
using ModelRunner.Bench.Children;
using ModelRunner.Bench.Http;
using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Scenarios;

/// <summary>Decode speed beside a process that keeps one core busy, beside what the server does alone.</summary>
internal static class NeighbourScenario
{
    public static async Task RunAsync(Arguments arguments)
    {
        var clients = arguments.Numbers("clients", 1, 4);
        var pairs = arguments.Number("pairs", 10);
        var target = Target.Read(arguments, clients.Max(), 1024);
        var vocabularySize = target.ReadVocabularySize();
        await using var server = new HttpRunner(await ServerProcess.StartAsync(target.Path, target.ServerOptions), vocabularySize);
        await using var raw = new ChildRunner("raw", target.ChildOptions);
        Console.WriteLine($"### {target.Model} beside one busy process on {Environment.ProcessorCount} cores\n");
        Console.WriteLine("| what | clients | alone, tokens/s | beside, tokens/s | beside / alone (95 %) |\n|---|---|---|---|---|");
        foreach (var (name, runner, count) in clients.SelectMany(count => new (string, IDecodeRunner, int)[] { ("ours", server, count), ("raw loop", raw, count) }))
        {
            var workload = new Workload(count, 128, name == "ours" ? arguments.Number("tokens", 256) : 32);
            var result = await Pairs.MeasureAsync(name == "ours" ? pairs : 3, () => runner.RunAsync(workload), () => BesideBusyAsync(runner, workload));
            Console.WriteLine($"| {name} | {count} | {result.Cells()} |");
        }
    }

    private static async Task<double> BesideBusyAsync(IDecodeRunner runner, Workload workload)
    {
        using var busy = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["busy"]))!;
        try
        {
            return await runner.RunAsync(workload);
        }
        finally
        {
            busy.Kill();
            await busy.WaitForExitAsync();
        }
    }
}
