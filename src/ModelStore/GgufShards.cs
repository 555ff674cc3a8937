using System.Globalization;
using System.Text.RegularExpressions;

namespace ModelRunner.ModelStore;

/// <summary>The file names of sharded models, by the rule of llama.cpp's gguf-split.</summary>
public static partial class GgufShards
{
    // The rule has five digits; a model has some tens of shards, and a bound keeps a name from making a long list.
    private const int MaxCount = 1024;

    /// <summary>The files of a GGUF model: all shards of a sharded one, in order, else the file itself.</summary>
    public static IReadOnlyList<string> GetAll(string ggufPath)
    {
        var match = Shard().Match(ggufPath);
        if (!match.Success) return [ggufPath];
        var count = Math.Min(int.Parse(match.Groups["count"].ValueSpan, CultureInfo.InvariantCulture), MaxCount);
        var stem = ggufPath[..match.Groups["index"].Index];
        var end = ggufPath[match.Groups["rest"].Index..];
        return [.. Enumerable.Range(1, count).Select(index => $"{stem}{index:D5}{end}")];
    }

    /// <summary>Whether the name is a whole model's or the first shard's.</summary>
    public static bool IsFirst(string fileName) =>
        Shard().Match(fileName) is not { Success: true } match || match.Groups["index"].ValueSpan is "00001";

    [GeneratedRegex(@"(?<index>[0-9]{5})(?<rest>-of-(?<count>[0-9]{5})\.gguf)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Shard();
}
