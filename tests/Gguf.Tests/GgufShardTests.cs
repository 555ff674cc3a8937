using ModelRunner.Testing;

namespace ModelRunner.Gguf.Tests;

public sealed class GgufShardTests
{
    [Fact]
    public void Read_FirstOfThreeShards_JoinsThem()
    {
        var file = GgufFile.Read(WriteShards("joined", 3));

        Assert.Equal(3, file.Shards.Count);
        Assert.Equal(["t0", "t1", "t2"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([0, 1, 2], file.Tensors.Select(tensor => tensor.ShardIndex));
        Assert.Equal(file.Shards.Sum(shard => new FileInfo(shard.Path).Length), file.Length);
    }

    [Fact]
    public void Read_ShardIsMissing_NamesIt()
    {
        var first = WriteShards("missing", 3);
        File.Delete(first.Replace("00001-of", "00002-of", StringComparison.Ordinal));

        var exception = Assert.Throws<GgufException>(() => GgufFile.Read(first));

        Assert.Contains("missing-00002-of-00003.gguf", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SecondShard_AsksForTheFirst()
    {
        var second = WriteShards("second", 2).Replace("00001-of", "00002-of", StringComparison.Ordinal);

        Assert.Contains("first", Assert.Throws<GgufException>(() => GgufFile.Read(second)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name", 1)]
    [InlineData("split.tensors.count", 2)]
    [InlineData("belongs to another", 3)]
    [InlineData("two shards", 4)]
    public void Read_ShardsContradict_IsRefused(string expected, int defect)
    {
        var path = WriteShards($"contradict{defect}", 2, defect);
        if (defect == 1)
        {
            var renamed = Path.Combine(FixtureModels.Folder, "renamed.gguf");
            File.Move(path, renamed, overwrite: true);
            path = renamed;
        }

        Assert.Contains(expected, Assert.Throws<GgufException>(() => GgufFile.Read(path)).Message, StringComparison.Ordinal);
    }

    private static string WriteShards(string name, int count, int defect = 0)
    {
        for (var i = 0; i < count; i++)
        {
            var writer = new GgufWriter();
            writer.Set("split.no", GgufValue.From((ushort)i));
            writer.Set("split.count", GgufValue.From((ushort)count));
            writer.Set("split.tensors.count", GgufValue.From(defect == 2 ? count + 1 : count));
            writer.AddTensor(defect == 4 ? "same" : $"t{i}", GgufTensorType.F32, [4], stream => stream.Write(new byte[16]));
            if (defect == 3 && i == 1)
                writer.Set("split.no", GgufValue.From((ushort)0));
            writer.Write(Path.Combine(FixtureModels.Folder, $"{name}-{i + 1:D5}-of-{count:D5}.gguf"));
        }

        return Path.Combine(FixtureModels.Folder, $"{name}-00001-of-{count:D5}.gguf");
    }
}
