using ModelRunner.Bench.Children;
using ModelRunner.Bench.Http;
using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Scenarios;

/// <summary>Decode speed beside the raw loop: over HTTP, and inside a process.</summary>
internal static class ServeScenario
{
    public static async Task RunAsync(Arguments arguments)
    {
        var clients = arguments.Numbers("clients", 1, 4, 16);
        var contexts = arguments.Numbers("contexts", 128, 2048);
        var tokens = arguments.Number("tokens", 128);
        var pairs = arguments.Number("pairs", 10);
        var side = arguments.Text("side", "http");
        var target = Target.Read(arguments, clients.Max(), contexts.Max() + tokens + 16);
        await using var raw = new ChildRunner("raw", target.ChildOptions);
        await using var ours = await StartAsync(side, target);

        Console.WriteLine($"### {target.Model}, {side}, {target.Threads} threads, {target.Layout}\n");
        Console.WriteLine("| clients | context | raw, tokens/s | ours, tokens/s | ours / raw (95 %) |\n|---|---|---|---|---|");
        foreach (var context in contexts)
        {
            foreach (var count in clients)
            {
                var workload = new Workload(count, context, tokens);
                var result = await Pairs.MeasureAsync(pairs, () => raw.RunAsync(workload), () => ours.RunAsync(workload));
                Console.WriteLine($"| {count} | {context} | {result.Cells()} |");
            }
        }
    }

    private static async Task<IDecodeRunner> StartAsync(string side, Target target) => side == "inside"
        ? new ChildRunner("inside", target.ChildOptions)
        : new HttpRunner(await ServerProcess.StartAsync(target.Path, target.ServerOptions), target.ReadVocabularySize());
}
