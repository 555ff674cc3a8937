using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Bench.Measuring;
using ModelRunner.Engines.Onnx;

namespace ModelRunner.Bench.Scenarios;

/// <summary>
/// How long a GenAI folder takes to load up to its first token, and the memory that it then has, with and without
/// packed weights. A process for each load; in alternating pairs.
/// </summary>
internal static class LoadScenario
{
    public static void Run(Arguments arguments)
    {
        var target = Target.Read(arguments, 4, 1024);
        var pairs = arguments.Number("pairs", 5);
        var cache = Directory.CreateTempSubdirectory("bench-packed-").FullName;
        try
        {
            // Written by the first load, which counts for nothing.
            Measure(target, cache);
            var without = new List<Loaded>();
            var with = new List<Loaded>();
            for (var i = 0; i < pairs; i++)
            {
                without.Add(Measure(target, ""));
                with.Add(Measure(target, cache));
            }

            var size = new DirectoryInfo(cache).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
            Console.WriteLine($"### {target.Model}, medians of {pairs}; packed weights take {size >> 20} MiB on disk\n");
            Console.WriteLine("| packed weights | load, ms | own memory, MiB | mapped files, MiB |\n|---|---|---|---|");
            Write("no", without);
            Write("yes", with);
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    /// <summary>The child's side.</summary>
    public static void Load(Target target, string cache)
    {
        var clock = Stopwatch.StartNew();
        var loader = new OnnxModelLoader(
            new OnnxOptions { ThreadCount = target.Threads, PackedWeightsFolder = cache.Length > 0 ? cache : null },
            NullLoggerFactory.Instance);
        var bundle = new ModelBundle { Name = "bench", Formats = ModelFormat.OnnxGenAi, OnnxFolder = target.Path };
        using var model = loader.Load(bundle, target.LoadOptions, progress: null, CancellationToken.None);
        using var session = model.CreateSession(SessionOptions.From(target.LoadOptions));
        var batch = new DecodeBatch(2, 1);
        batch.Add(0, 0, [300, 301], LogitRows.Last);
        if (session.Decode(batch) != DecodeStatus.Ok)
            throw new InvalidOperationException("The first step failed.");
        Console.WriteLine($"{clock.ElapsedMilliseconds} {Resident("RssAnon:")} {Resident("RssFile:")}");
    }

    private static Loaded Measure(Target target, string cache)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, ["loaded", .. target.ChildOptions, "--cache", cache]) { RedirectStandardOutput = true })!;
        var numbers = process.StandardOutput.ReadToEnd().Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        process.WaitForExit();
        return new Loaded(numbers[0], numbers[1] / 1024, numbers[2] / 1024);
    }

    // proc(5), in KiB.
    private static long Resident(string name) => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture);

    private static void Write(string name, List<Loaded> loads) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Median(loads, load => load.Milliseconds):F0} | {Median(loads, load => load.Own):F0} | {Median(loads, load => load.Mapped):F0} |"));

    private static double Median(List<Loaded> loads, Func<Loaded, double> get) => new Samples([.. loads.Select(get)]).Median;

    private readonly record struct Loaded(double Milliseconds, double Own, double Mapped);
}
