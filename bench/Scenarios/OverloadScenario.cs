using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using ModelRunner.Bench.Http;
using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Scenarios;

/// <summary>
/// Ten times the requests that the server can answer, at an even pace and without waiting for answers: what it still
/// answers beside its best, and how soon it refuses the rest. Answers have 16 to 48 tokens: of one length, those that
/// began together would end together, and their prompts be computed at once, which an even pace never gives.
/// </summary>
internal static class OverloadScenario
{
    private const int Sequences = 8;
    private const int Places = 24;
    private const int MinTokens = 16;
    private const int MaxTokens = 48;
    private const int PromptLength = 32;

    public static async Task RunAsync(Arguments arguments)
    {
        var seconds = arguments.Number("seconds", 20);
        var rounds = arguments.Number("rounds", 3);
        var target = Target.Read(arguments, Sequences, 512);
        var vocabularySize = target.ReadVocabularySize();
        await using var server = await ServerProcess.StartAsync(target.Path, [.. target.ServerOptions, "--max-requests", $"{Places}"]);
        await PeakAsync(server, vocabularySize, 5);
        Console.WriteLine($"### {target.Model}, ten times the capacity for {seconds} s, {Sequences} sequences, {Places} places\n");
        Console.WriteLine("| peak, answers/s | offered/s | answered/s | ratio | refused | refusal median, ms | p99, ms | other ends |\n|---|---|---|---|---|---|---|---|");
        for (var round = 0; round < rounds; round++)
        {
            var peak = await PeakAsync(server, vocabularySize, seconds);
            var (answered, refusals, others) = await OverloadAsync(server, vocabularySize, 10 * peak, seconds);
            var times = new Samples(refusals);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {peak:0.00} | {10 * peak:0.0} | {answered:0.00} | **{answered / peak:0.000}** | {refusals.Count} | {times.Median:0.0} | {times.Quantile(0.99):0.0} | {others} |"));
        }
    }

    /// <summary>Answers in a second with all places taken and nobody refused.</summary>
    private static async Task<double> PeakAsync(ServerProcess server, int vocabularySize, int seconds)
    {
        var answered = 0;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Places).Select(async client =>
        {
            for (var i = 0; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; i++)
            {
                using var response = await SendAsync(server, (client * 10_000) + i, vocabularySize);
                response.EnsureSuccessStatusCode();
                if (Stopwatch.GetElapsedTime(start).TotalSeconds <= seconds) Interlocked.Increment(ref answered);
            }
        }));
        return answered / (double)seconds;
    }

    private static async Task<(double Answered, IReadOnlyCollection<double> Refusals, int Others)> OverloadAsync(
        ServerProcess server, int vocabularySize, double perSecond, int seconds)
    {
        var (answered, others) = (0, 0);
        var refusals = new ConcurrentBag<double>();
        var pending = new List<Task>();
        var start = Stopwatch.GetTimestamp();

        // A timer has milliseconds at best: several are due at once where more are offered.
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Stopwatch.GetElapsedTime(start).TotalSeconds is var elapsed && elapsed < seconds)
        {
            while (pending.Count < elapsed * perSecond)
                pending.Add(OneAsync(pending.Count));

            await pace.WaitForNextTickAsync();
        }

        await Task.WhenAll(pending);
        return (answered / (double)seconds, refusals, others);

        async Task OneAsync(int number)
        {
            var sent = Stopwatch.GetTimestamp();
            using var response = await SendAsync(server, 1_000_000 + number, vocabularySize);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                refusals.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            else if (!response.IsSuccessStatusCode)
                Interlocked.Increment(ref others);
            else if (Stopwatch.GetElapsedTime(start).TotalSeconds <= seconds)
                Interlocked.Increment(ref answered);
        }
    }

    private static Task<HttpResponseMessage> SendAsync(ServerProcess server, int number, int vocabularySize) =>
        server.Client.PostAsJsonAsync(
            new Uri("v1/completions", UriKind.Relative),
            new { model = "bench", prompt = Workload.Prompt(number, PromptLength, vocabularySize), max_tokens = new Random(number).Next(MinTokens, MaxTokens + 1), temperature = 0, ignore_eos = true });
}
