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
        var starts = arguments.Number("starts", 1);
        var target = Target.Read(arguments, clients.Max(), contexts.Max() + tokens + 16);
        var workloads = contexts.SelectMany(context => clients.Select(count => new Workload(count, context, tokens))).ToList();
        var results = workloads.ToDictionary(workload => workload, _ => new List<PairResult[]>());
        for (var start = 0; start < starts; start++)
            await MeasureAsync(target, sides, pairs, results);

        Console.WriteLine($"### {target.Model}, {target.Threads} threads, {target.Layout}, {starts} starts of all processes\n");
        Console.WriteLine("| side | clients | context | raw, tokens/s | ours, tokens/s | ours / raw (95 %) |\n|---|---|---|---|---|---|");
        foreach (var workload in workloads)
            for (var i = 0; i < sides.Length; i++)
                Console.WriteLine($"| {sides[i]} | {workload.Clients} | {workload.Context} | {PairResult.Join(results[workload].Select(result => result[i])).Cells()} |");
    }

    /// <summary>Starts all processes anew, since how the memory of one lies moves all of its figures by some percent.</summary>
    private static async Task MeasureAsync(Target target, string[] sides, int pairs, Dictionary<Workload, List<PairResult[]>> results)
    {
        var runners = new List<IDecodeRunner> { new ChildRunner("raw", target.ChildOptions) };
        try
        {
            foreach (var side in sides)
                runners.Add(await StartAsync(side, target));

            foreach (var context in results.GroupBy(entry => entry.Key.Context))
            {
                // What all clients share is resident before they come together, or each would compute it.
                foreach (var runner in runners)
                    await runner.RunAsync(context.First().Key with { Clients = 1 });

                foreach (var (workload, measured) in context)
                    measured.Add(await Pairs.MeasureAsync(pairs, [.. runners.Select(runner => (Func<Task<double>>)(() => runner.RunAsync(workload)))]));
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
