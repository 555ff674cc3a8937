using ModelRunner.Abstractions.Errors;
using ModelRunner.Engines.Onnx.Graphs;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Graphs;

public sealed class OnnxGraphReaderTests
{
    // onnx.proto: AttributeProto and TensorProto fields that the hostile graphs below are made of.
    private const int ExternalLocation = 1;

    public static TheoryData<string> Escapes =>
    [
        "../secret", "/etc/passwd", "a/../../secret", "..", "", "./../secret", "C:secret", "a\\b", "missing.data", "a\0b", "sub//x",
    ];

    [Fact]
    public void Read_ConvertedModel_FindsInputsAndWeights()
    {
        var graph = Read(FixtureModels.TinyOnnx);
        Assert.Contains(graph.Inputs, input => input is { Name: "input_ids", Type: ElementType.Int64 });
        Assert.Contains(graph.Outputs, output => output.Name == "logits");
        Assert.Contains("GroupQueryAttention", graph.Operators);
        Assert.True(graph.RotaryLength > 0);
        Assert.Equal(32, graph.WeightBits);
        Assert.Single(graph.DataFiles);
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    public void Read_ExternalDataThatLeadsOut_IsRefusedWhereverItStands(string location)
    {
        foreach (var place in new Func<ProtoBytes, ProtoBytes>[] { InGraph, InAttribute, InSubgraph, InFunction, InSparse })
        {
            var model = place(Tensor(location));
            using var folder = new TemporaryFolder();
            Assert.Throws<ModelLoadException>(() => OnnxGraphReader.Read(model.Written, folder.Path));
        }
    }

    [Theory]
    [InlineData(false, 9, 0)]
    [InlineData(true, 9, 9)]
    public void Read_WindowsCache_SaysHowLongItIs(bool hasWindowCache, int window, int expected)
    {
        using var folder = Write(hasWindowCache, window);
        Assert.Equal(expected, Read(folder.Path).WindowLength);
    }

    [Theory]
    [InlineData(0)]
    [InlineData((1 << 18) + 1)]
    [InlineData(1 << 30)]
    public void Read_WindowsCacheOfAnImpossibleLength_IsRefused(int window)
    {
        using var folder = Write(hasWindowCache: true, window);
        var exception = Assert.Throws<ModelLoadException>(() => Read(folder.Path));
        Assert.Contains("sliding_window_cache goes with a local_window_size of", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RandomDamage_IsReadOrRefused()
    {
        var good = File.ReadAllBytes(Path.Combine(FixtureModels.TinyOnnx, "model.onnx"));
        var refused = 0;
        var count = Campaign.Count(2_000, 200_000);
        for (var seed = 0; seed < count; seed++)
        {
            var random = new Random(seed);
            var bytes = good.ToArray();
            for (var i = random.Next(1, 8); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                OnnxGraphReader.Read(bytes.AsSpan(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length), FixtureModels.TinyOnnx);
            }
            catch (ModelLoadException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, count / 2, count - 1);
    }

    private static TemporaryFolder Write(bool hasWindowCache, int window)
    {
        var folder = new TemporaryFolder();
        TinyDecoderFolder.Write(new TinyDecoder(new() { IsShared = true, HasWindowCache = hasWindowCache, Window = window }), folder.Path);
        return folder;
    }

    private static OnnxGraph Read(string folder) =>
        OnnxGraphReader.Read(File.ReadAllBytes(Path.Combine(folder, "model.onnx")), folder);

    private static ProtoBytes Tensor(string location)
    {
        var tensor = new ProtoBytes();
        tensor.Integer(1, 4);
        tensor.Integer(2, (int)ElementType.Float32);
        tensor.Text(8, "weight");
        tensor.Message(13, entry =>
        {
            entry.Text(ExternalLocation, "location");
            entry.Text(2, location);
        });
        tensor.Integer(14, 1);
        return tensor;
    }

    private static ProtoBytes Message(int field, ProtoBytes content)
    {
        var outer = new ProtoBytes();
        outer.Message(field, inner => inner.Raw(content.Written));
        return outer;
    }

    private static ProtoBytes InGraph(ProtoBytes tensor) => Message(7, Message(5, tensor));

    private static ProtoBytes InAttribute(ProtoBytes tensor) => Message(7, Message(1, Message(5, Message(5, tensor))));

    private static ProtoBytes InSubgraph(ProtoBytes tensor) => Message(7, Message(1, Message(5, Message(6, Message(5, tensor)))));

    private static ProtoBytes InSparse(ProtoBytes tensor) => Message(7, Message(15, Message(1, tensor)));

    private static ProtoBytes InFunction(ProtoBytes tensor)
    {
        var model = new ProtoBytes();
        model.Raw(Message(7, new ProtoBytes()).Written);
        model.Raw(Message(25, Message(7, Message(5, Message(5, tensor)))).Written);
        return model;
    }
}
