using System.Buffers.Binary;
using ModelRunner.Export.GenAi;
using ModelRunner.Gguf;
using ModelRunner.Testing;

namespace ModelRunner.Export.Tests.GenAi;

/// <summary>Models whose matrices are in super-blocks of 256, mixed as llama.cpp's Q4_K_M mixes them.</summary>
public sealed class SuperBlockModelTests
{
    private static readonly ModelShape Shape = ModelShape.Tiny with { Width = 256, FeedForwardLength = 512, HeadCount = 8, KvHeadCount = 2, ContextLength = 64 };

    [Theory]
    [InlineData(GgufTensorType.Q4_K, GgufTensorType.Q6_K, WeightPrecision.Fp32, 1e-4)]
    [InlineData(GgufTensorType.Q5_K, GgufTensorType.Q8_0, WeightPrecision.Fp32, 1e-4)]
    [InlineData(GgufTensorType.Q5_0, GgufTensorType.Q5_1, WeightPrecision.Fp32, 1e-4)]
    [InlineData(GgufTensorType.BF16, GgufTensorType.Q4_1, WeightPrecision.Fp32, 1e-4)]
    [InlineData(GgufTensorType.Q4_K, GgufTensorType.Q6_K, WeightPrecision.Int4, 0.4)]
    public void Convert_Mixture_AgreesWithTheReference(GgufTensorType layers, GgufTensorType others, WeightPrecision precision, double bound)
    {
        var path = Path.Combine(FixtureModels.Folder, $"blocks-{layers}-{others}-{precision}.gguf");
        Write(path, layers, others);
        int[] tokens = [.. Enumerable.Range(0, 20).Select(i => 3 + i * 83 % 500)];
        using var decoder = new OnnxDecoder(FixtureModels.GetGenAi(path, new ConversionOptions { Precision = precision }));

        Assert.InRange(LogitDistance.Relative(new ReferenceDecoder(path).Decode(tokens), decoder.Decode(tokens)), 0, bound);
    }

    private static void Write(string path, GgufTensorType layers, GgufTensorType others)
    {
        using var stream = new MemoryStream(FixtureModels.GetBytes(new RandomModelOptions { Shape = Shape }));
        var source = GgufFile.Read(stream);
        var writer = new GgufWriter();
        foreach (var (key, value) in source.Metadata.Entries)
            writer.Set(key, value);
        var seed = 0;
        foreach (var tensor in source.Tensors)
        {
            var type = tensor.Shape.Count == 1 ? GgufTensorType.F32
                : tensor.Name.Contains("attn_v", StringComparison.Ordinal) || tensor.Name.StartsWith("token", StringComparison.Ordinal) ? others : layers;
            var bytes = type == GgufTensorType.F32 ? Ones(tensor.ElementCount)
                : RandomBlocks.Create(type, tensor.ElementCount / type.BlockLength(), seed++);
            writer.AddTensor(tensor.Name, type, [.. tensor.Shape], target => target.Write(bytes));
        }

        writer.Write(path);
    }

    private static byte[] Ones(long count)
    {
        var bytes = new byte[4 * count];
        for (var i = 0; i < count; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan((int)(4 * i)), 1);
        return bytes;
    }
}
