using System.Diagnostics;
using System.Globalization;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Bench.Measuring;
using ModelRunner.Generation.Sampling;

namespace ModelRunner.Bench.Scenarios;

/// <summary>What choosing one token takes, over a vocabulary of today's large models.</summary>
internal static class SamplerScenario
{
    private const int VocabularySize = 128_256;

    private static readonly (string Name, SamplingOptions Options)[] Settings =
    [
        ("greedy", SamplingOptions.Greedy),
        ("temperature", new() { Temperature = 0.8f }),
        ("top_k 40", new() { Temperature = 0.8f, TopK = 40 }),
        ("top_k 40, top_p 0.95, min_p 0.05", new() { Temperature = 0.8f, TopK = 40, TopP = 0.95f, MinP = 0.05f }),
        ("min_p 0.05", new() { Temperature = 0.8f, MinP = 0.05f }),
        ("top_p 0.9", new() { Temperature = 0.8f, TopP = 0.9f }),
        ("typical_p 0.9", new() { Temperature = 0.8f, TypicalP = 0.9f }),
    ];

    public static void Run(Arguments arguments)
    {
        var rounds = arguments.Number("rounds", 500);
        var workspace = new SamplerWorkspace(VocabularySize);
        var peaked = MakeLogits(isPeaked: true);
        var flat = MakeLogits(isPeaked: false);
        Console.WriteLine($"### Sampling over {VocabularySize} tokens\n");
        Console.WriteLine("| setting | peaked row: median, ms | fastest | flat row: median, ms | fastest |\n|---|---|---|---|---|");
        foreach (var (name, options) in Settings)
            Console.WriteLine($"| {name} | {Measure(options, peaked, workspace, rounds)} | {Measure(options, flat, workspace, rounds)} |");
    }

    private static string Measure(SamplingOptions options, float[] logits, SamplerWorkspace workspace, int rounds)
    {
        var sampler = new Sampler(options, seed: 1);
        var times = new List<double>(rounds);
        for (var i = 0; i < rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            sampler.Sample(logits, [], [], [], 0, i, workspace);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        // The first calls are compiled.
        var samples = new Samples(times.Skip(rounds / 5));
        return string.Create(CultureInfo.InvariantCulture, $"{samples.Median:0.000} | {samples.Quantile(0):0.000}");
    }

    /// <summary>
    /// Noise as far below the best token as in a trained model, and a head that falls off as words do in a text
    /// (Zipf's law); or, as in an untrained one, noise alone.
    /// </summary>
    private static float[] MakeLogits(bool isPeaked)
    {
        var random = new Random(1);
        var logits = new float[VocabularySize];
        for (var i = 0; i < logits.Length; i++)
            logits[i] = (float)(2 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

        for (var rank = 1; isPeaked && rank <= 2000; rank++)
            logits[random.Next(logits.Length)] = (float)(20 - (1.5 * Math.Log(rank)));

        return logits;
    }
}
