using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using ModelRunner.PocketModel.Corpus;
using ModelRunner.PocketModel.Tokens;

namespace ModelRunner.PocketModel;

/// <summary>The parts of the recipe that are C#; <c>make.sh</c> calls them in order.</summary>
internal static class Program
{
    private const int VocabularySize = 2048;
    private const int VocabularySamples = 40_000;

    public static int Main(string[] arguments)
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
                    Console.WriteLine(ChatMarkup.Render(builder.Next(random)));
                return 0;
            default:
                Console.Error.WriteLine("corpus FOLDER OUT COUNT | sample FOLDER COUNT");
                return 2;
        }
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
        Write("train", seed: 2, count);
        Write("held-out", seed: 3, Math.Max(1, count / 100));

        void Write(string name, int seed, int conversations)
        {
            using var file = File.Create(Path.Combine(output, $"{name}.bin.gz"));
            using var zip = new GZipStream(file, CompressionLevel.Fastest);
            var source = new Random(seed);
            var tokens = new List<int>();
            long total = 0;
            for (var i = 0; i < conversations; i++)
            {
                tokens.Clear();
                vocabulary.Encode(ChatMarkup.Render(builder.Next(source)), tokens);
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
