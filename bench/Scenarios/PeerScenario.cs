using ModelRunner.Bench.Http;
using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Scenarios;

/// <summary>
/// Decode speed over HTTP beside the npm package <c>@huggingface/transformers</c> on the same graph and weights. Several
/// clients are one static batch there. Or beside this server with another model, for example the same weights as GGUF.
/// </summary>
internal static class PeerScenario
{
    private const string Transformers = "transformers";

    public static async Task RunAsync(Arguments arguments)
    {
        var clients = arguments.Numbers("clients", 1, 8);
        var context = arguments.Number("contexts", 128);
        var tokens = arguments.Number("tokens", 32);
        var pairs = arguments.Number("pairs", 5);
        var target = Target.Read(arguments, clients.Max(), context + tokens + 16);
        var vocabularySize = target.ReadVocabularySize();
        await using var ours = new HttpRunner(await ServerProcess.StartAsync(target.Path, target.ServerOptions), vocabularySize);
        var other = arguments.Text("peer", Transformers);
        Console.WriteLine($"### {target.Model} beside {other}, {context} tokens of context\n");
        Console.WriteLine($"| clients | {other}, tokens/s | {target.Model}, tokens/s | {target.Model} / {other} (95 %) |\n|---|---|---|---|");
        await ours.RunAsync(new Workload(1, context, tokens));
        foreach (var count in clients)
        {
            await using var peer = new HttpRunner(await StartAsync(other, target, count), vocabularySize);
            await peer.RunAsync(new Workload(other == Transformers ? count : 1, context, tokens));
            var workload = new Workload(count, context, tokens);
            var result = await Pairs.MeasureAsync(pairs, () => peer.RunAsync(workload), () => ours.RunAsync(workload));
            Console.WriteLine($"| {count} | {result.Cells()} |");
        }
    }

    private static Task<ServerProcess> StartAsync(string other, Target target, int count) => other == Transformers
        ? PeerFolder.StartAsync(target.Path, count)
        : ServerProcess.StartAsync((target with { Model = other }).Path, target.ServerOptions);
}
