using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ModelRunner.Gguf;
using ModelRunner.PocketModel.Corpus;
using ModelRunner.PocketModel.Evaluation;
using ModelRunner.PocketModel.Exporting;
using ModelRunner.PocketModel.Tokens;

namespace ModelRunner.PocketModel;

/// <summary>The parts of the recipe that are C#; <c>make.sh</c> calls them in order.</summary>
internal static class Program
{
    private const int VocabularySize = 2048;
    private const int VocabularySamples = 40_000;

    public static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["corpus", var folder, var output, var count]:
                WriteCorpus(folder, output, int.Parse(count, CultureInfo.InvariantCulture));
                return 0;
            case ["sample", var folder, var count]:
                var builder = new CorpusBuilder(folder);
                var random = new Random(7);
                for (var i = 0; i < int.Parse(count, CultureInfo.InvariantCulture); i++)
                    Console.WriteLine(ChatMarkup.Render(i % 2 == 0 ? builder.Next(random) : builder.NextOfSecondPart(random)));
                return 0;
            case ["gguf", var weights, var data, var template, var output]:
                WriteGguf(weights, data, template, output);
                return 0;
            case ["average", var first, var second, var output]:
                Average(first, second, output);
                return 0;
            case ["plot", var csv, var svg]:
                LossPlot.Write(csv, svg);
                return 0;
            case ["evaluate", var folder, var evaluation, var url, var model, var details]:
                return await EvaluateAsync(folder, evaluation, url, model, details);
            case ["overlap", var folder, var evaluation, var count]:
                var prompts = Directory.EnumerateFiles(evaluation).SelectMany(File.ReadLines).Select(PromptOf);
                var shared = SharedRuns.Find(prompts, new CorpusBuilder(folder), seed: 2, int.Parse(count, CultureInfo.InvariantCulture));
                shared.ForEach(Console.WriteLine);
                return shared.Count == 0 ? 0 : 1;
            default:
                Console.Error.WriteLine("corpus FOLDER OUT COUNT | sample FOLDER COUNT | average WEIGHTS WEIGHTS OUT | gguf WEIGHTS DATA TEMPLATE OUT | evaluate FOLDER EVALUATION URL MODEL DETAILS | plot CSV SVG | overlap FOLDER EVALUATION COUNT");
                return 2;
        }
    }

    private static async Task<int> EvaluateAsync(string folder, string evaluation, string url, string model, string detailFile)
    {
        using var http = new HttpClient();
        await using var details = File.CreateText(detailFile);
        var evaluator = new Evaluator(new CompletionClient(http, url, model), evaluation, new CorpusBuilder(folder), details);
        foreach (var (what, figure) in await evaluator.RunAsync())
            Console.WriteLine($"| {what} | {figure} |");
        return 0;
    }

    /// <summary>The prompt in a line of one of the evaluation's files.</summary>
    private static string PromptOf(string line) => line switch
    {
        ['{', '"', 't', 'o', ..] => (string)JsonNode.Parse(line)!["prompt"]!,
        _ => line[(line.IndexOf('|', StringComparison.Ordinal) + 1)..],
    };

    /// <summary>The mean of two trainings' weights: better than either where one went on from the other.</summary>
    private static void Average(string first, string second, string output)
    {
        Directory.CreateDirectory(output);
        const string Values = "weights.bin", Names = "weights.txt";
        var sum = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(first, Values))).ToArray();
        var other = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(second, Values)));
        for (var i = 0; i < sum.Length; i++)
            sum[i] = (sum[i] + other[i]) / 2;

        File.WriteAllBytes(Path.Combine(output, Values), MemoryMarshal.AsBytes(sum.AsSpan()).ToArray());
        File.Copy(Path.Combine(first, Names), Path.Combine(output, Names), overwrite: true);
    }

    private static void WriteGguf(string weightFolder, string dataFolder, string template, string output)
    {
        var weights = Weights.Read(weightFolder);
        var vocabulary = Vocabulary.Load(Path.Combine(dataFolder, "merges.json"));
        var source = File.ReadAllText(template).TrimEnd('\n');
        Directory.CreateDirectory(output);
        GgufExport.Write(weights, vocabulary, source, GgufTensorType.F32, Path.Combine(output, "pocket-f32.gguf"));
        GgufExport.Write(weights, vocabulary, source, GgufTensorType.Q8_0, Path.Combine(output, "pocket.gguf"));
        Console.WriteLine($"{weights.ParameterCount:N0} parameters in {output}");
    }

    /// <summary>Writes the vocabulary and the tokens of all conversations, each ended by the end-of-text token.</summary>
    private static void WriteCorpus(string folder, string output, int count)
    {
        Directory.CreateDirectory(output);
        var builder = new CorpusBuilder(folder);
        var random = new Random(1);
        var vocabulary = BpeTrainer.Train(Enumerable.Range(0, VocabularySamples).Select(_ => ChatMarkup.Render(builder.Next(random))), VocabularySize);
        var opening = new List<int>();
        vocabulary.Encode($"{ChatMarkup.Start}assistant\n", opening);
        File.WriteAllText(Path.Combine(output, "assistant.txt"), string.Join(' ', opening));
        vocabulary.Save(Path.Combine(output, "merges.json"));
        Write("train", seed: 2, count, builder.Next);
        Write("train-second", seed: 4, count / 2, builder.NextOfSecondPart);
        Write("held-out", seed: 3, Math.Max(1, count / 100), builder.Next);

        void Write(string name, int seed, int conversations, Func<Random, Conversation> next)
        {
            using var file = File.Create(Path.Combine(output, $"{name}.bin.gz"));
            using var zip = new GZipStream(file, CompressionLevel.Fastest);
            var source = new Random(seed);
            var tokens = new List<int>();
            long total = 0;
            for (var i = 0; i < conversations; i++)
            {
                tokens.Clear();
                vocabulary.Encode(ChatMarkup.Render(next(source)), tokens);
                tokens.Add(0);
                zip.Write(MemoryMarshal.AsBytes<ushort>(tokens.Select(token => (ushort)token).ToArray()));
                total += tokens.Count;
                if (i % 20_000 == 0)
                    Console.WriteLine($"{name}: {i:N0} of {conversations:N0} conversations, {total:N0} tokens");
            }

            Console.WriteLine($"{name}: {conversations:N0} conversations, {total:N0} tokens");
        }
    }
}
