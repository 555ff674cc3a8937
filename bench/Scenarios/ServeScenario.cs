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
        var sides = arguments.Text("side", "http,inside").Split(',');
        var target = Target.Read(arguments, clients.Max(), contexts.Max() + tokens + 16);
        var runners = new List<IDecodeRunner> { new ChildRunner("raw", target.ChildOptions) };
        try
        {
            foreach (var side in sides)
                runners.Add(await StartAsync(side, target));

            Console.WriteLine($"### {target.Model}, {target.Threads} threads, {target.Layout}\n");
            Console.WriteLine("| side | clients | context | raw, tokens/s | ours, tokens/s | ours / raw (95 %) |\n|---|---|---|---|---|---|");
            foreach (var context in contexts)
            {
                // What all clients share is resident before they come together, or each would compute it.
                foreach (var runner in runners)
                    await runner.RunAsync(new Workload(1, context, tokens));

                foreach (var count in clients)
                {
                    var workload = new Workload(count, context, tokens);
                    var results = await Pairs.MeasureAsync(pairs, [.. runners.Select(runner => (Func<Task<double>>)(() => runner.RunAsync(workload)))]);
                    for (var i = 0; i < sides.Length; i++)
                        Console.WriteLine($"| {sides[i]} | {count} | {context} | {results[i].Cells()} |");
                }
            }
        }
        finally
        {
            foreach (var runner in runners)
                await runner.DisposeAsync();
        }
    }

    private static async Task<IDecodeRunner> StartAsync(string side, Target target) => side == "inside"
        ? new ChildRunner("inside", target.ChildOptions)
        : new HttpRunner(await ServerProcess.StartAsync(target.Path, target.ServerOptions), target.ReadVocabularySize());
}
