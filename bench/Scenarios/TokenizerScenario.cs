using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Tokenizers;

namespace ModelRunner.Bench.Scenarios;

/// <summary>Encoding speed beside Microsoft.ML.Tokenizers on the same vocabulary and text, in alternating rounds.</summary>
internal static class TokenizerScenario
{
    private const int TextLength = 1 << 20;

    /// <param name="data">The folder with <c>gpt2/tokenizer.json.gz</c>.</param>
    /// <param name="sources">A folder of C# files: the text.</param>
    /// <param name="rounds">Rounds of each side.</param>
    public static void Run(string data, string sources, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("tokenizer-").FullName;
        try
        {
            using (var packed = new GZipStream(File.OpenRead(Path.Combine(data, "gpt2", "tokenizer.json.gz")), CompressionMode.Decompress))
            using (var target = File.Create(Path.Combine(folder, "tokenizer.json")))
                packed.CopyTo(target);

            var clock = Stopwatch.StartNew();
            var ours = TokenizerFolder.Load(folder);
            Console.WriteLine($"load: {clock.ElapsedMilliseconds} ms");
            var theirs = Create(Path.Combine(folder, "tokenizer.json"));
            Compare("source code", ReadText(sources), rounds, ours, theirs);
            Compare("one word", new string([.. ReadText(sources).Where(char.IsAsciiLetter).Take(1 << 15)]), rounds, ours, theirs);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Compare(string name, string text, int rounds, ITokenizer ours, Tokenizer theirs)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var times = (Ours: new List<double>(), Theirs: new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            var our = Time(() => ours.Encode([TextSegment.Input(text)], addSpecial: false).Length, out var ourCount);
            var their = Time(() => theirs.EncodeToIds(text).Count, out var theirCount);
            if (ourCount != theirCount)
                Console.WriteLine($"{name}: {ourCount} tokens, Microsoft.ML.Tokenizers {theirCount}");
            if (round == 0)
                continue;
            times.Ours.Add(our);
            times.Theirs.Add(their);
        }

        Console.WriteLine($"{name}, {length} bytes: {Rate(times.Ours):F1} MB/s, Microsoft.ML.Tokenizers {Rate(times.Theirs):F1} MB/s (medians of {rounds})");

        double Rate(List<double> seconds) => length / seconds.Order().ElementAt(seconds.Count / 2) / 1e6;
    }

    private static double Time(Func<int> encode, out int count)
    {
        var clock = Stopwatch.StartNew();
        count = encode();
        return clock.Elapsed.TotalSeconds;
    }

    // Single spaces: the vocabulary has added tokens for runs of them, which the other side does not know.
    private static string ReadText(string folder)
    {
        var text = new StringBuilder();
        foreach (var path in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            if (text.Length < TextLength)
                text.AppendJoin(' ', File.ReadAllText(path).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return text.ToString(0, Math.Min(text.Length, TextLength));
    }

    private static BpeTokenizer Create(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var model = document.RootElement.GetProperty("model");
        var vocabulary = model.GetProperty("vocab").EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, entry.Value.GetInt32()));
        return BpeTokenizer.Create(new BpeOptions(vocabulary)
        {
            Merges = model.GetProperty("merges").EnumerateArray().Select(merge => merge.GetString()!),
            ByteLevel = true,
            PreTokenizer = RobertaPreTokenizer.Instance,
        });
    }
}
