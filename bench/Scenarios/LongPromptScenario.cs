using System.Diagnostics;
using System.Globalization;
using ModelRunner.Bench.Http;
using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Scenarios;

/// <summary>
/// A long prompt that enters beside running streams: what it costs them, and what they cost it. The quiet pace is that of
/// the same streams over the same tokens without the prompt: a stream's own context makes it slower too.
/// </summary>
internal static class LongPromptScenario
{
    private const int Streams = 4;
    private const int PromptLength = 4000;

    public static async Task RunAsync(Arguments arguments)
    {
        var target = Target.Read(arguments, Streams + 1, 4096);
        var rounds = arguments.Number("rounds", 5);
        var vocabularySize = target.ReadVocabularySize();
        await using var server = await ServerProcess.StartAsync(target.Path, target.ServerOptions);
        await TokenReader.ReadAsync(server, Workload.Prompt(0, 64, vocabularySize), 64);

        var quietFirst = new List<double>();
        var busyFirst = new List<double>();
        var stretch = new List<double>();
        Console.WriteLine($"### {target.Model}, {PromptLength} tokens beside {Streams} streams, {target.Layout}\n");
        Console.WriteLine("| quiet p50, ms | quiet p99, ms | beside p50, ms | beside p99, ms | p99 ratio | quiet first token, ms | beside, ms | ratio |\n|---|---|---|---|---|---|---|---|");
        for (var round = 0; round < rounds; round++)
        {
            var alone = Stopwatch.GetTimestamp();
            var arrivals = await TokenReader.ReadAsync(server, Workload.Prompt(100 + round, PromptLength, vocabularySize), 2);
            quietFirst.Add(Stopwatch.GetElapsedTime(alone, arrivals[0]).TotalMilliseconds);
            var (quiet, beside, first) = await BesideAsync(server, round, vocabularySize);
            busyFirst.Add(first);
            stretch.Add(beside.Quantile(0.99) / quiet.Quantile(0.99));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {quiet.Median:0.0} | {quiet.Quantile(0.99):0.0} | {beside.Median:0.0} | {beside.Quantile(0.99):0.0} | {stretch[^1]:0.00} | {quietFirst[^1]:0} | {first:0} | {first / quietFirst[^1]:0.00} |"));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\nMedians: p99 ratio **{new Samples(stretch).Median:0.00}**, first token ratio **{new Samples(busyFirst).Median / new Samples(quietFirst).Median:0.00}**\n"));
    }

    private static async Task<(Samples Quiet, Samples Beside, double FirstToken)> BesideAsync(ServerProcess server, int round, int vocabularySize)
    {
        // Long enough for the quiet part, the prompt and some more.
        const int quietTokens = 50;
        const int tokens = 3900;
        using var stop = new CancellationTokenSource();
        var quietDone = new CountdownEvent(Streams);
        var enter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var streams = Enumerable.Range(0, Streams).Select(client =>
        {
            var arrivals = new List<long>(tokens);
            return (Arrivals: arrivals, Task: ReadUntilStoppedAsync(server, StreamPrompt(round, client, vocabularySize), tokens, arrivals, count =>
            {
                if (count == quietTokens && quietDone.Signal())
                    enter.SetResult();
            }, stop.Token));
        }).ToArray();

        await enter.Task;
        var start = Stopwatch.GetTimestamp();
        var first = await TokenReader.ReadAsync(server, Workload.Prompt(200 + round, PromptLength, vocabularySize), 2);
        await stop.CancelAsync();
        await Task.WhenAll(streams.Select(stream => stream.Task));
        var arrivals = streams.Select(stream => (IReadOnlyList<long>)stream.Arrivals).ToList();
        var reached = arrivals.Min(stream => stream.Count);
        var alone = await Task.WhenAll(Enumerable.Range(0, Streams).Select(client =>
            TokenReader.ReadAsync(server, StreamPrompt(round, client, vocabularySize), reached)));
        return (
            new Samples(DecodeRate.Gaps(alone, alone.Max(stream => stream[quietTokens]), alone.Min(stream => stream[^1]))),
            new Samples(DecodeRate.Gaps(arrivals, start, first[0])),
            Stopwatch.GetElapsedTime(start, first[0]).TotalMilliseconds);
    }

    private static int[] StreamPrompt(int round, int client, int vocabularySize) =>
        Workload.Prompt((round * 10) + client, 64, vocabularySize);

    private static async Task ReadUntilStoppedAsync(
        ServerProcess server, int[] prompt, int tokens, List<long> arrivals, Action<int> onToken, CancellationToken stop)
    {
        try
        {
            await TokenReader.ReadAsync(server, prompt, tokens, count =>
            {
                arrivals.Add(Stopwatch.GetTimestamp());
                onToken(count);
            }, stop);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
