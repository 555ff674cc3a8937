using ModelRunner.Testing;

namespace ModelRunner.Gguf.Tests;

public sealed class GgufWriterTests
{
    [Fact]
    public void Write_RandomContent_ReadsBackEqual()
    {
        var types = Enum.GetValues<GgufTensorType>();
        for (var seed = 0; seed < Campaign.Count(500, 20_000); seed++)
        {
            var random = new Random(seed);
            var writer = new GgufWriter { Alignment = 1 << random.Next(3, 12) };
            var values = new Dictionary<string, GgufValue>();
            for (var i = random.Next(20); i > 0; i--)
            {
                var key = $"key.{i}.\u00e4";
                values[key] = RandomValue(random);
                writer.Set(key, values[key]);
            }

            var tensors = new Dictionary<string, byte[]>();
            for (var i = random.Next(10); i > 0; i--)
            {
                var type = types[random.Next(types.Length)];
                long[] shape = [type.BlockLength() * random.Next(1, 4), random.Next(1, 5), random.Next(1, 3)];
                var data = new byte[shape[0] * shape[1] * shape[2] / type.BlockLength() * type.BlockSizeInBytes()];
                random.NextBytes(data);
                tensors[$"tensor.{i}"] = data;
                writer.AddTensor($"tensor.{i}", type, shape, stream => stream.Write(data));
            }

            using var target = new MemoryStream();
            writer.Write(target);
            var file = GgufFile.Read(target);

            Assert.Equal(writer.Alignment, file.Alignment);
            Assert.Equal(tensors.Count, file.Tensors.Count);
            foreach (var (key, expected) in values)
            {
                Assert.True(file.Metadata.TryGet(key, out var actual));
                Assert.Equal(expected.Type, actual.Type);
                Assert.Equal(expected.ToString(), actual.ToString());
                Assert.True(expected.Encoded.SequenceEqual(actual.Encoded));
                if (expected.Array is { } array)
                    Assert.True(array.Encoded.SequenceEqual(actual.Array!.Encoded));
            }

            foreach (var tensor in file.Tensors)
                Assert.True(target.ToArray().AsSpan((int)(file.DataOffset + tensor.Offset), (int)tensor.SizeInBytes)
                    .SequenceEqual(tensors[tensor.Name]));
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(17)]
    public void Write_TensorOfAnotherSize_IsRefused(int length)
    {
        var writer = new GgufWriter();
        writer.AddTensor("a", GgufTensorType.F32, [4], stream => stream.Write(new byte[length]));

        Assert.Throws<GgufException>(() => writer.Write(Stream.Null));
    }

    private static GgufValue RandomValue(Random random) => random.Next(9) switch
    {
        0 => GgufValue.From((uint)random.Next()),
        1 => GgufValue.From(random.Next(-100, 100)),
        2 => GgufValue.From((ushort)random.Next()),
        3 => GgufValue.From(ulong.MaxValue - (ulong)random.Next()),
        4 => GgufValue.From(random.NextSingle()),
        5 => GgufValue.From(random.Next(2) == 0),
        6 => GgufValue.From(new string('\u00e4', random.Next(50))),
        7 => GgufValue.From(Enumerable.Range(0, random.Next(30)).Select(i => new string('x', i)).ToArray()),
        _ => GgufValue.From(Enumerable.Range(0, random.Next(30)).Select(i => i * 0.5f).ToArray()),
    };
}
