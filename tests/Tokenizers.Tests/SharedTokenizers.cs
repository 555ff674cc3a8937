using System.IO.Compression;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Tokenizers.Tests;

/// <summary>The real tokenizers among the shared data, each loaded once.</summary>
internal static class SharedTokenizers
{
    private static readonly Dictionary<string, ITokenizer> Loaded = [];

    public static ITokenizer Get(string name)
    {
        var source = SharedData.Require($"data/tokenizers/{name}");
        lock (Loaded)
            return Loaded.TryGetValue(name, out var tokenizer) ? tokenizer : Loaded[name] = Load(source);
    }

    private static ITokenizer Load(string source)
    {
        var folder = Directory.CreateTempSubdirectory("tokenizer-").FullName;
        try
        {
            using (var packed = new GZipStream(File.OpenRead(Path.Combine(source, "tokenizer.json.gz")), CompressionMode.Decompress))
            using (var target = File.Create(Path.Combine(folder, "tokenizer.json")))
                packed.CopyTo(target);
            File.Copy(Path.Combine(source, "tokenizer_config.json"), Path.Combine(folder, "tokenizer_config.json"));
            return TokenizerFolder.Load(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
