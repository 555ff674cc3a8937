using System.Globalization;

namespace ModelRunner.Gguf;

/// <summary>Joins the files <c>NAME-00001-of-0000N.gguf</c> of one model, as llama.cpp's splitter writes them.</summary>
internal static class GgufShards
{
    private const string NumberKey = "split.no";
    private const string CountKey = "split.count";
    private const string TensorCountKey = "split.tensors.count";

    // The name has five digits; nobody has been seen to write more than a few hundred.
    private const int MaximumCount = 1000;

    public static bool IsSharded(GgufMetadata metadata) => metadata.GetInteger(CountKey) is { } count && count != 1 && count != 0;

    public static GgufFile ReadAll(GgufFile first, string path, Func<string, GgufFile> read)
    {
        var count = (int)Require(first.Metadata, CountKey, 2, MaximumCount);
        var number = Require(first.Metadata, NumberKey, 0, count - 1);
        if (number != 0)
            throw new GgufException($"'{NumberKey}' is {number}: open the first of the {count} shards");
        var suffix = Suffix(0, count);
        if (!path.EndsWith(suffix, StringComparison.Ordinal))
            throw new GgufException($"'{CountKey}' is {count}, so the file name must end in '{suffix}'");

        var shards = new List<GgufShard> { first.Shards[0] };
        var tensors = new List<GgufTensor>(first.Tensors);
        var names = tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = 1; i < count; i++)
        {
            var shardPath = path[..^suffix.Length] + Suffix(i, count);
            if (!File.Exists(shardPath))
                throw new GgufException($"the shard '{Path.GetFileName(shardPath)}' is missing");
            var shard = read(shardPath);
            if (shard.Metadata.GetInteger(CountKey) != count || shard.Metadata.GetInteger(NumberKey) != i)
                throw new GgufException($"the shard '{Path.GetFileName(shardPath)}' belongs to another model");
            shards.Add(shard.Shards[0]);
            foreach (var tensor in shard.Tensors)
                tensors.Add(names.Add(tensor.Name)
                    ? tensor.InShard(i)
                    : throw new GgufException($"the tensor '{tensor.Name}' occurs in two shards"));
        }

        Require(first.Metadata, TensorCountKey, tensors.Count, tensors.Count);
        return new GgufFile(first.Version, first.Alignment, first.Metadata, tensors, shards);
    }

    private static string Suffix(int index, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"-{index + 1:D5}-of-{count:D5}.gguf");

    private static long Require(GgufMetadata metadata, string key, long minimum, long maximum)
    {
        var value = metadata.GetInteger(key) ?? throw new GgufException($"'{key}' is missing");
        if (value >= minimum && value <= maximum)
            return value;
        throw new GgufException(minimum == maximum
            ? $"'{key}' is {value}, expected {minimum}"
            : $"'{key}' is {value}, expected {minimum} to {maximum}");
    }
}
